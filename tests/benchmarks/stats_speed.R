# What tests/benchmarks/stats_speed.py asks of metafor: seconds and numbers of each task, as JSON.
#
#     Rscript stats_speed.R data.json quick|slow
suppressMessages(library(metafor))
suppressMessages(library(jsonlite, warn.conflicts = FALSE))
args <- commandArgs(TRUE)
d <- fromJSON(args[1])
slow <- args[2] == "slow"
exact <- list(threshold = 1e-12, maxiter = 1000)
half <- list(threshold = 1e-12, maxiter = 10000, stepadj = 0.5)
out <- list()

# Runs `task` n times and keeps the fastest; `told` makes the numbers to compare from its result.
record <- function(name, n, task, told) {
  seconds <- Inf
  for (i in seq_len(n)) {
    begun <- Sys.time()
    result <- task()
    seconds <- min(seconds, as.numeric(difftime(Sys.time(), begun, units = "secs")))
  }
  out[[name]] <<- c(list(seconds = seconds), told(result))
}

full <- function(s, control) {
  r <- rma(s$y, s$v, method = "REML", test = "knha", control = control)
  confint(r)
  predict(r)
  r
}
fitted <- function(r) list(value = c(coef(r), r$se, r$tau2))
record("full_20", 20, function() full(d$k20, exact), fitted)
record("full_1000", 2, function() full(d$k1000, exact), fitted)
record("full_20_default", 20, function() full(d$k20, list()), fitted)
record("full_1000_default", 2, function() full(d$k1000, list()), fitted)

groups <- function(s) {
  levels <- lapply(split(seq_along(s$y), s$group), function(i)
    rma(s$y[i], s$v[i], method = "REML", control = exact))
  between <- rma(sapply(levels, coef), sapply(levels, function(r) r$se^2), method = "EE")
  c(sapply(levels, coef), sapply(levels, function(r) r$tau2), between$QE)
}
rerun <- function(s) {
  r <- rma(s$y, s$v, method = "REML", control = exact)
  filled <- trimfill(r)
  asymmetry <- regtest(r)
  ranks <- ranktest(r)
  c(coef(r), r$tau2, groups(s), leave1out(r)$estimate, cumul(r)$estimate, asymmetry$zval, asymmetry$pval,
    ranks$tau, ranks$pval, filled$k0, coef(filled), influence(r)$inf$cook.d)
}
record("rerun_20", 5, function() rerun(d$k20), function(x) list(value = x))
record("rerun_100", 2, function() rerun(d$k100), function(x) list(value = x))

# Rows are numbered by the binary code of the subset, the first study being the lowest digit.
subsets <- function(g) list(value = g$res$estimate, rows = as.vector(g$incl %*% 2^(seq_len(ncol(g$incl)) - 1)))
all_of <- function(s, method, ...) gosh(rma(s$y, s$v, method = method, control = exact), progbar = FALSE, ...)
record("gosh_dl", 1, function() all_of(d$k15, "DL"), subsets)
record("gosh_ce", 1, function() all_of(d$k15, "EE"), subsets)
set.seed(20260618)
record("gosh_reml", 1, function() if (slow) all_of(d$k15, "REML") else all_of(d$k15, "REML", subsets = 2^11), subsets)

twelve <- rma(d$k12$y, d$k12$v, method = "REML", control = exact)
record("permutation_12", 1, function() permutest(twelve, exact = TRUE, progbar = FALSE),
  function(p) list(value = p$pval))

many <- function() sapply(seq_along(d$boot_y[, 1]), function(i)
  rma(d$boot_y[i, ], d$boot_v[i, ], method = "REML", control = half)$tau2)
record("bootstrap", 1, many, function(tau2) list(value = tau2))

record("three_level_100", 3,
  function() rma.mv(d$levels3$y, d$levels3$v, random = ~ 1 | outer/inner, data = d$levels3),
  function(m) list(value = as.numeric(logLik(m)), stopped = m$sigma2))
cat(toJSON(out, digits = NA, auto_unbox = TRUE))
