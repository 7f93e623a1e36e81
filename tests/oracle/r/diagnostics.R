# Reference values that golden/ lacks, written to tests/oracle/golden/ours_diagnostics.json.
# Run: Rscript tests/oracle/r/diagnostics.R tests/oracle/golden/ours_diagnostics.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
strict <- list(threshold = 1e-12, maxiter = 10000)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
hackshaw <- dat.hackshaw1998
raudenbush <- dat.raudenbush1985
bangertdrowns <- dat.bangertdrowns2004
sets <- list(
  bcg = bcg, hackshaw1998 = hackshaw, raudenbush1985 = raudenbush, bangertdrowns2004 = bangertdrowns
)
column <- function(d, name) as.numeric(d[[name]])

trimfill_cases <- list()
for (id in names(sets)) {
  d <- sets[[id]]
  base <- rma(yi, vi, data = d, method = "REML", control = strict)
  for (estimator in c("L0", "R0", "Q0")) {
    f <- try(trimfill(base, estimator = estimator, control = strict), silent = TRUE)
    if (inherits(f, "try-error")) next
    k <- base$k
    trimfill_cases[[length(trimfill_cases) + 1]] <- list(
      id = id, key = paste("REML", estimator, "auto", sep = "_"), yi = column(d, "yi"), vi = column(d, "vi"),
      result = list(
        k0 = f$k0, se_k0 = f$se.k0, side = f$side, p_k0 = if (is.na(f$p.k0)) NULL else f$p.k0,
        b = c(f$beta), se = f$se, p = f$pval, ci_lb = f$ci.lb, ci_ub = f$ci.ub, tau2 = f$tau2, Q = f$QE,
        I2 = f$I2, yi_filled = I(as.numeric(f$yi)[f$fill])
      )
    )
  }
}

out <- list(
  software = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat"))),
  trimfill = trimfill_cases
)
writeLines(toJSON(out, auto_unbox = TRUE, digits = I(17), null = "null", na = "null", pretty = TRUE),
           commandArgs(TRUE)[1])
