# The two-step DerSimonian-Laird estimator, by metafor's generalised Q with the first step's weights.
# Rscript two_step.R > ../golden/ours_two_step.json
suppressMessages(library(metafor))

sets <- list(
  bcg = escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  normand1999 = escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                       data = dat.normand1999),
  hackshaw1998 = dat.hackshaw1998,
  hine1989 = escalc(measure = "RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hine1989)
)
exact <- function(x) paste0("[", paste(sprintf("%.17g", as.vector(x)), collapse = ", "), "]")
rows <- sapply(names(sets), function(name) {
  d <- sets[[name]]
  first <- rma(yi, vi, data = d, method = "DL")
  second <- rma(yi, vi, data = d, method = "GENQ", weights = 1 / (vi + first$tau2))
  sprintf('  {"id": "%s", "yi": %s, "vi": %s, "tau2": %.17g}', name, exact(d$yi), exact(d$vi), second$tau2)
})
cat(sprintf('{"software": {"R": "%s", "metafor": "%s", "metadat": "%s"},\n"cases": [\n%s\n]}\n',
            getRversion(), packageVersion("metafor"), packageVersion("metadat"), paste(rows, collapse = ",\n")))
