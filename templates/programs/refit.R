# Fit every average of this version again with R's metafor, and compare with what was printed.
#
#     Rscript refit.R          (in the version's folder, or: Rscript FOLDER/refit.R)
#
# It reads data/raw/contrasts.csv and data/raw/pools.csv, prints a table, and ends with status 1 where a number
# differs by more than 1e-6 of its size. What cannot be repeated from these numbers is named, with the reason.

suppressPackageStartupMessages(library(metafor))

TOLERANCE <- 1e-6

folder <- {
  named <- grep("^--file=", commandArgs(), value = TRUE)
  if (length(named) == 1) dirname(sub("^--file=", "", named)) else "."
}

table_of <- function(name) {
  read.csv(file.path(folder, "data", "raw", paste0(name, ".csv")), colClasses = "character",
           na.strings = character(), encoding = "UTF-8", check.names = FALSE)
}

number <- function(text) suppressWarnings(as.numeric(text))

contrasts <- table_of("contrasts")
pools <- table_of("pools")

# The one model again. Tight limits, because the printed numbers have twelve digits and metafor stops at five.
fitted_again <- function(row) {
  here <- contrasts[contrasts$analysis == row$analysis, ]
  yi <- number(here$estimate)
  sei <- number(here$se)
  tests <- c(wald = "z", HK = "knha", `HK-guarded` = "adhoc")
  method <- if (row$method == "CE") "EE" else row$method
  fit <- function(test) {
    rma(yi, sei = sei, method = method, test = test, level = number(row$level),
        control = list(threshold = 1e-12, maxiter = 10000, tol = 1e-12, tau2.max = 1e6))
  }
  found <- suppressWarnings(fit(tests[[row$interval]]))
  wald <- suppressWarnings(fit("z"))
  k <- found$k
  half <- if (k > 2) qt(1 - (1 - number(row$level)) / 2, k - 2) * sqrt(found$tau2 + wald$se^2) else NA
  c(k = k, estimate = found$beta[[1]], se = found$se, low = found$ci.lb, high = found$ci.ub, p = found$pval,
    tau2 = found$tau2, i2 = found$I2, q = found$QE, q_p = found$QEp,
    prediction_low = found$beta[[1]] - half, prediction_high = found$beta[[1]] + half)
}

COLUMNS <- c("k", "estimate", "se", "low", "high", "p", "tau2", "i2", "q", "q_p",
             "prediction_low", "prediction_high")

differs <- function(printed, again) {
  stated <- !is.na(printed)
  gone <- stated & is.na(again)
  gone | (stated & !gone & abs(printed - again) > TOLERANCE * pmax(1, abs(printed)))
}

again_count <- 0
wrong <- 0
cat(sprintf("%-28s %-22s %3s %14s %14s  %s\n", "analysis", "fit", "k", "printed", "metafor", "result"))
for (place in seq_len(nrow(pools))) {
  row <- pools[place, ]
  if (row$left_out != "") {
    why <- if (row$pooled == "true") row$left_out else paste0("no average: ", row$reason)
    cat(sprintf("%-28s %-22s %3s %14s %14s  left out (%s)\n", row$analysis, row$fit, row$k, "", "", why))
    next
  }
  printed <- vapply(COLUMNS, function(name) number(row[[name]]), numeric(1))
  again <- tryCatch(fitted_again(row), error = function(fault) fault)
  again_count <- again_count + 1
  if (inherits(again, "error")) {
    wrong <- wrong + 1
    cat(sprintf("%-28s %-22s %3s %14.9g %14s  NO FIT: %s\n", row$analysis, row$fit, row$k,
                printed[["estimate"]], "", conditionMessage(again)))
    next
  }
  off <- COLUMNS[differs(printed, again[COLUMNS])]
  if (length(off) > 0) wrong <- wrong + 1
  said <- if (length(off) == 0) "agrees" else {
    paste0("DIFFERS: ", paste(sprintf("%s %.12g, printed %.12g", off, again[off], printed[off]), collapse = "; "))
  }
  cat(sprintf("%-28s %-22s %3s %14.9g %14.9g  %s\n", row$analysis, row$fit, row$k,
              printed[["estimate"]], again[["estimate"]], said))
}
cat(sprintf("%d averages fitted again with metafor %s; %d differ.\n", again_count,
            as.character(packageVersion("metafor")), wrong))
quit(status = if (wrong > 0) 1 else 0)
