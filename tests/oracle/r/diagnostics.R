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

# selmodel's own settings stop the search at 1e-8 and the integrals at 1e-4: too coarse for second derivatives.
exact <- list(reltol = 1e-14, maxit = 5000, intCtrl = list(rel.tol = 1e-11, subdivisions = 1000))
selmodel_cases <- list()
for (run in list(
  list("bcg", "beta", "less"), list("bangertdrowns2004", "beta", "greater"),
  list("bangertdrowns2004", "power", "greater"), list("bangertdrowns2004", "negexp", "greater"),
  list("bangertdrowns2004", "halfnorm", "greater"), list("hackshaw1998", "halfnorm", "greater"),
  list("bangertdrowns2004", "stepfun", "two.sided"), list("hackshaw1998", "stepfun", "two.sided"),
  list("bangertdrowns2004", "stepfun", "greater"), list("bcg", "stepfun", "less")
)) {
  d <- sets[[run[[1]]]]
  base <- rma(yi, vi, data = d, method = "ML", control = strict)
  steps <- if (run[[2]] == "stepfun") c(0.05, 0.5) else NA
  arguments <- list(base, type = run[[2]], alternative = run[[3]], control = exact)
  if (run[[2]] == "stepfun") { arguments$steps <- steps; arguments$control$intCtrl <- NULL }
  f <- suppressWarnings(do.call(selmodel, arguments))
  selmodel_cases[[length(selmodel_cases) + 1]] <- list(
    id = run[[1]], type = run[[2]], alternative = run[[3]], steps = I(if (all(is.na(steps))) numeric(0) else steps),
    yi = column(d, "yi"), vi = column(d, "vi"),
    result = list(b = c(f$beta), se = f$se, p = f$pval, ci_lb = f$ci.lb, ci_ub = f$ci.ub, tau2 = f$tau2,
                  se_tau2 = f$se.tau2, LRT = f$LRT, LRTp = f$LRTp, logLik_ML = c(logLik(f)),
                  delta = I(f$delta), delta_se = I(f$se.delta))
  )
}

out <- list(
  selmodel = selmodel_cases,
  software = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat"))),
  trimfill = trimfill_cases
)
writeLines(toJSON(out, auto_unbox = TRUE, digits = I(17), null = "null", na = "null", pretty = TRUE),
           commandArgs(TRUE)[1])
