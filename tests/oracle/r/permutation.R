# Exact permutation tests of meta-regressions. Run: Rscript permutation.R > ../golden/ours_permutation.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
few <- dat[1:7, ]
group <- dat[c(1:8), ]
group$random <- as.numeric(group$alloc == "random")
tight <- list(threshold = 1e-12, tol = 1e-12, maxiter = 1000)
one <- function(id, data, mods, method, test) {
  fit <- rma(yi, vi, mods = mods, data = data, method = method, test = test, control = tight)
  perm <- permutest(fit, exact = TRUE, progbar = FALSE)
  list(id = id, method = method, test = test, yi = as.numeric(data$yi), vi = as.numeric(data$vi),
       x = unname(as.list(as.data.frame(model.matrix(mods, data)[, -1, drop = FALSE]))),
       statistic = as.numeric(fit$zval), p = as.numeric(perm$pval), p_moderators = as.numeric(perm$QMp))
}
cases <- list(
  one("latitude", few, ~ ablat, "REML", "z"), one("latitude", few, ~ ablat, "DL", "knha"),
  one("latitude and year", few, ~ ablat + year, "REML", "knha"),
  one("two groups", group, ~ random, "REML", "z"), one("two groups", group, ~ random, "PM", "knha"))
out <- list(source = "dat.bcg (Colditz 1994), log risk ratios of its first trials",
            software = list(R = as.character(getRversion()), metafor = as.character(packageVersion("metafor"))),
            cases = cases)
cat(toJSON(out, auto_unbox = TRUE, digits = I(17)), "\n")
