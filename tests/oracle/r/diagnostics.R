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

# p-uniform* has no package in Debian: its likelihood written out with pnorm and maximised by nlminb and uniroot.
puniform_cases <- list()
for (run in list(list("bcg", -1), list("hackshaw1998", 1), list("bangertdrowns2004", 1), list("raudenbush1985", 1))) {
  d <- sets[[run[[1]]]]
  y <- run[[2]] * column(d, "yi"); v <- column(d, "vi")
  cut <- qnorm(0.975) * sqrt(v)
  minus <- function(mu, tau2) {
    s <- sqrt(v + tau2)
    -sum(dnorm(y, mu, s, log = TRUE) - ifelse(y >= cut, pnorm(cut, mu, s, lower.tail = FALSE, log.p = TRUE),
                                              pnorm(cut, mu, s, log.p = TRUE)))
  }
  tight <- list(rel.tol = 1e-14, x.tol = 1e-12, eval.max = 5000, iter.max = 5000)
  full <- function(start, upper = Inf) nlminb(start, function(x) minus(x[1], x[2]), lower = c(-Inf, 0),
                                              upper = c(Inf, upper), control = tight)
  runs <- lapply(c(0, 0.05, 0.2), function(t) full(c(mean(y), t)))
  f <- runs[[which.min(sapply(runs, function(r) r$objective))]]
  at <- function(mu) min(sapply(c(0, 0.05, 0.2), function(t)
    nlminb(t, function(x) minus(mu, x), lower = 0, control = tight)$objective))
  edge <- function(to) uniroot(function(m) at(m) - f$objective - qchisq(0.95, 1) / 2, sort(c(f$par[1], to)),
                               tol = 1e-10)$root
  puniform_cases[[length(puniform_cases) + 1]] <- list(
    id = run[[1]], sign = run[[2]], yi = column(d, "yi"), vi = v,
    result = list(b = run[[2]] * f$par[1], tau2 = f$par[2], logLik = -f$objective,
                  limits = I(sort(run[[2]] * c(edge(f$par[1] - 2), edge(f$par[1] + 2)))),
                  p = pchisq(2 * (at(0) - f$objective), 1, lower.tail = FALSE),
                  p_tau2 = pchisq(2 * (full(c(mean(y), 0), 0)$objective - f$objective), 1, lower.tail = FALSE))
  )
}

out <- list(
  puniform = puniform_cases,
  selmodel = selmodel_cases,
  software = list(R = R.version.string, metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat"))),
  trimfill = trimfill_cases
)
writeLines(toJSON(out, auto_unbox = TRUE, digits = I(17), null = "null", na = "null", pretty = TRUE),
           commandArgs(TRUE)[1])
