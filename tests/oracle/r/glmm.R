# Conditional exact models of odds ratios. Run: Rscript glmm.R > ../golden/ours_glmm.json
suppressMessages({library(metafor); library(metadat); library(BiasedUrn); library(jsonlite)})
one <- function(id, data) {
  fits <- list()
  for (method in c("EE", "ML")) {
    fit <- rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, model = "CM.EL",
                    method = method, control = list(dnchgcalc = "dnoncenhypergeom"))
    fits[[method]] <- list(b = as.numeric(fit$beta), se = fit$se, p = fit$pval, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub,
                           tau2 = fit$tau2, logLik_ML = as.numeric(logLik(fit)), QE_LRT = fit$QE.LRT, df = fit$QE.df)
  }
  list(id = id, input = as.list(data[c("ai", "n1i", "ci", "n2i")]), fits = fits)
}
renamed <- with(dat.collins1985a, data.frame(ai = b.xti, n1i = nti, ci = b.xci, n2i = nci))
version <- function(name) as.character(packageVersion(name))
out <- list(software = list(R = as.character(getRversion()), metafor = version("metafor"),
                            metadat = version("metadat"), BiasedUrn = version("BiasedUrn")),
            cases = list(one("dat.nielweise2007", dat.nielweise2007), one("dat.hine1989", dat.hine1989),
                         one("dat.hahn2001", dat.hahn2001),
                         one("dat.collins1985a", renamed)))
cat(toJSON(out, auto_unbox = TRUE, digits = I(17), na = "null"), "\n")
