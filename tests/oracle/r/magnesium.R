# The magnesium trials of dat.li2007, one more at each step, and two printed results of the time.
# Run: Rscript magnesium.R > ../golden/ours_magnesium.json
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
dat <- escalc(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)
tight <- list(threshold = 1e-12, tol = 1e-12, maxiter = 1000)
pooled <- function(rows, method, test) {
  if (nrow(rows) == 1) return(NULL)
  fit <- rma(yi, vi, data = rows, method = method, test = test, control = tight)
  list(estimate = as.numeric(fit$beta), se = fit$se, low = fit$ci.lb, high = fit$ci.ub, p = fit$pval,
       tau2 = fit$tau2, i2 = fit$I2, q = fit$QE)
}
step <- function(k) {
  rows <- dat[seq_len(k), ]
  last <- rows[k, ]
  list(k = k, label = paste(last$study, last$year), year = last$year,
       events = c(last$ai, last$ci), totals = c(last$n1i, last$n2i),
       yi = as.numeric(last$yi), vi = as.numeric(last$vi),
       common = pooled(rows, "EE", "z"), random = pooled(rows, "REML", "adhoc"), dl = pooled(rows, "DL", "z"))
}
fixed <- function(fit) list(estimate = as.numeric(fit$beta), low = fit$ci.lb, high = fit$ci.ub, p = fit$pval)
early <- dat.egger2001[1:7, ]
out <- list(
  source = "dat.li2007 (Li 2007, CD002755) and, for the overview of 1991, dat.egger2001 trials 1 to 7",
  software = list(R = as.character(getRversion()), metafor = as.character(packageVersion("metafor")),
                  metadat = as.character(packageVersion("metadat"))),
  steps = lapply(seq_len(nrow(dat)), step),
  mantel_haenszel = fixed(rma.mh(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)),
  overview_1991 = list(
    tables = early[, c("study", "year", "ai", "n1i", "ci", "n2i")],
    peto = fixed(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = early))))
cat(toJSON(out, auto_unbox = TRUE, digits = I(17), null = "null"), "\n")
