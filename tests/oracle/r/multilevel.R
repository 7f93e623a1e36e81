# Three levels with a moderator, and its robust errors. Run: Rscript multilevel.R > ../golden/ours_multilevel.json
suppressMessages({library(metafor); library(metadat); library(clubSandwich); library(jsonlite)})
dat <- dat.konstantopoulos2011
tests <- function(fit) list(b = as.numeric(fit$beta), se = fit$se, p = fit$pval)
robust_tests <- function(fit, ...) {
  found <- robust(fit, cluster = dat$district, ...)
  c(tests(found), list(ddf = found$ddf))
}
one <- function(mods, x) {
  fit <- rma.mv(yi, vi, mods = mods, random = ~ 1 | district/school, data = dat)
  c(tests(fit), list(x = x, sigma2 = fit$sigma2, logLik = as.numeric(logLik(fit)), QE = fit$QE,
    CR0 = robust_tests(fit, adjust = FALSE), CR1 = robust_tests(fit), CR2 = robust_tests(fit, clubSandwich = TRUE)))
}
version <- function(name) as.character(packageVersion(name))
out <- list(source = "dat.konstantopoulos2011 (Konstantopoulos 2011)",
            software = list(R = as.character(getRversion()), metafor = version("metafor"),
                            clubSandwich = version("clubSandwich")),
            yi = as.numeric(dat$yi), vi = as.numeric(dat$vi), district = dat$district, school = dat$school,
            models = list(plain = one(~ 1, NULL), year = one(~ I(year - 1990), dat$year - 1990)))
cat(toJSON(out, auto_unbox = TRUE, digits = I(17)), "\n")
