# E-values by R's own densities. Run: Rscript safe.R > ../golden/ours_safe.json
suppressMessages(library(jsonlite))
# noncentral over central t density: R's own dt loses digits in the far tail, so the mixture over the chi is integrated
f <- function(t, df, ncp) integrate(function(s) dnorm(t * s, ncp) * s * dchisq(df * s^2, df) * 2 * df * s, 0, Inf,
                                    rel.tol = 1e-11, abs.tol = 0, subdivisions = 1000)$value
ratio <- Vectorize(function(t, df, ncp) f(t, df, ncp) / f(t, df, 0))
t_cases <- expand.grid(t = c(-3, -0.4, 0, 1, 2.5, 6), n1 = c(3, 20), n2 = c(4, 60), alternative = c(0.2, 0.8))
t_cases <- within(t_cases, {
  ncp <- alternative * sqrt(n1 * n2 / (n1 + n2)); df <- n1 + n2 - 2
  one <- ratio(t, df, ncp); two <- (one + ratio(t, df, -ncp)) / 2
})
z_cases <- expand.grid(y = c(-0.5, 0, 0.3, 1.2), v = c(0.02, 0.3), alternative = c(-0.4, 0.25))
z_cases <- within(z_cases, {
  one <- dnorm(y, alternative, sqrt(v)) / dnorm(y, 0, sqrt(v))
  two <- (one + dnorm(y, -alternative, sqrt(v)) / dnorm(y, 0, sqrt(v))) / 2
  mixture <- dnorm(y, 0, sqrt(v + alternative^2)) / dnorm(y, 0, sqrt(v))
})
out <- list(software = list(R = as.character(getRversion())), t = as.list(t_cases), z = as.list(z_cases))
cat(toJSON(out, auto_unbox = TRUE, digits = I(17)), "\n")
