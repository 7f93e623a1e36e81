# Distributions nearest to quantiles, and Box-Cox moments by R's own quantile functions, optim and integrate.
# estmeansd itself is not to be had here: this is the published description written anew, an oracle for the
# search and the integrals. Run: Rscript quantile_estimation.R > ../golden/ours_quantile_estimation.json
suppressMessages(library(jsonlite))
cases <- list(
  list(id = "readme", n = 100, five = c(2, NA, 4, NA, 9)),
  list(id = "skewed quartiles", n = 82, five = c(NA, 1.9375, 2.715, 3.4975, NA)),
  list(id = "lopsided quartiles", n = 40, five = c(NA, 3, 4, 9, NA)),
  list(id = "left skewed", n = 60, five = c(NA, 5, 9, 11, NA)),
  list(id = "five", n = 96, five = c(0.62, 1.9075, 2.925, 3.89, 11.5)),
  list(id = "five small", n = 12, five = c(1.26, 1.9, 2.28, 4.38, 8.24)),
  list(id = "large unit", n = 147, five = c(106, 359.5, 483, 628.5, 924)),
  list(id = "shares", n = 50, five = c(0.1, 0.2, 0.3, 0.4, 0.7)),
  list(id = "shares near one", n = 80, five = c(NA, 0.71, 0.86, 0.94, NA)),
  list(id = "negative", n = 104, five = c(-0.95, 3.305, 4.68, 6.215, 9.66)))
quantile_of <- list(
  normal = function(p, t) qnorm(p, t[1], exp(t[2])), `log-normal` = function(p, t) qlnorm(p, t[1], exp(t[2])),
  gamma = function(p, t) qgamma(p, exp(t[1]), scale = exp(t[2])),
  Weibull = function(p, t) qweibull(p, exp(t[1]), exp(t[2])), beta = function(p, t) qbeta(p, exp(t[1]), exp(t[2])))
nearest <- function(name, q, p) {
  k <- (length(q) + 1) / 2; inner <- q[c(k - 1, k + 1)] # a normal mean and a log-normal median stay in here
  if (name == "log-normal") inner <- log(inner)
  kept <- function(t) { if (name %in% c("normal", "log-normal")) t[1] <- min(max(t[1], inner[1]), inner[2]); t }
  loss <- function(t) { t <- kept(t); v <- sum((quantile_of[[name]](p, t) - q)^2); if (is.finite(v)) v else 1e10 }
  m <- q[(length(q) + 1) / 2]; s <- (q[length(q)] - q[1]) / (qnorm(p[length(p)]) - qnorm(p[1]))
  starts <- switch(name, normal = list(c(m, log(s))), `log-normal` = list(c(log(m), log(s / m)), c(log(m), 0)),
    gamma = list(c(2 * log(m / s), log(s^2 / m)), c(0, log(m))), Weibull = list(c(log(1.2 * m / s), log(m)), c(0, log(m))),
    beta = lapply(c(2, 5, 20, 80), function(k) log(c(m * k, (1 - m) * k))))
  fits <- lapply(starts, function(at) {
    for (i in 1:6) { # each ends where the one before it could not go on
      at <- optim(at, loss, control = list(reltol = 1e-15, abstol = 1e-30, maxit = 5000))$par
      at <- optim(at, loss, method = "BFGS", control = list(reltol = 1e-15, abstol = 1e-30, maxit = 1000))$par
    }
    list(par = kept(at), loss = loss(at))
  })
  best <- fits[[which.min(sapply(fits, `[[`, "loss"))]]
  # moments by integration over the quantiles, so that no formula of a family is shared
  moment <- function(f) integrate(function(u) f(quantile_of[[name]](u, best$par)), 0, 1, rel.tol = 1e-9, subdivisions = 2000)$value
  mean <- moment(identity)
  list(loss = best$loss, mean = mean, sd = sqrt(moment(function(x) (x - mean)^2)))
}
box_cox <- function(q, n, kind) {
  h <- function(x, l) if (abs(l) < 1e-10) log(x) else (x^l - 1) / l
  k <- (length(q) + 1) / 2
  off <- function(l) { t <- h(q, l); i <- seq_len(k - 1); sum(((rev(t)[i] - t[k]) / (t[k] - t[i]) - 1)^2) }
  l <- max(0, optimize(off, c(-2, 3), tol = 1e-12)$minimum); if (l < 1e-8) l <- 0
  t <- h(q, l)
  wide <- 2 * qnorm((n - 0.375) / (n + 0.25)); narrow <- 2 * qnorm((0.75 * n - 0.125) / (n + 0.25))
  if (kind == "range") { w <- 4 / (4 + n^0.75); mu <- w * (t[1] + t[3]) / 2 + (1 - w) * t[2]; s <- (t[3] - t[1]) / wide }
  if (kind == "quartiles") { w <- 0.7 + 0.39 / n; mu <- w * (t[1] + t[3]) / 2 + (1 - w) * t[2]; s <- (t[3] - t[1]) / narrow }
  if (kind == "five") {
    w <- 2.2 / (2.2 + n^0.75); v <- 0.7 - 0.72 / n^0.55
    mu <- w * (t[1] + t[5]) / 2 + v * (t[2] + t[4]) / 2 + (1 - w - v) * t[3]
    s <- ((t[5] - t[1]) / wide + (t[4] - t[2]) / narrow) / 2
  }
  if (l == 0) { mean <- exp(mu + s^2 / 2); sd <- mean * sqrt(exp(s^2) - 1) } else {
    z <- min((mu + 1 / l) / s, 38); back <- function(x) pmax(1 + l * (mu + s * x), 0)^(1 / l)
    part <- function(f) { g <- function(x) f(x) * dnorm(x); cuts <- seq(-z, z, length.out = 41)
      sum(sapply(1:40, function(i) integrate(g, cuts[i], cuts[i + 1], rel.tol = 1e-10, abs.tol = 1e-14)$value)) }
    mass <- part(function(x) rep(1, length(x))); mean <- part(back) / mass
    sd <- sqrt(part(function(x) (back(x) - mean)^2) / mass)
  }
  list(power = l, location = mu, scale = s, mean = mean, sd = sd)
}
one <- function(case) {
  given <- !is.na(case$five); n <- case$n; q <- case$five[given]
  p <- c(1 / n, 0.25, 0.5, 0.75, 1 - 1 / n)[given]
  kind <- if (sum(given) == 5) "five" else if (given[1]) "range" else "quartiles"
  names <- if (min(q) < 0) "normal" else if (max(q) < 1) names(quantile_of) else head(names(quantile_of), 4)
  fits <- sapply(names, nearest, q = q, p = p, simplify = FALSE)
  list(id = case$id, n = n, five = case$five, fits = fits, box_cox = if (min(q) > 0) box_cox(q, n, kind))
}
out <- list(software = list(R = as.character(getRversion())), cases = lapply(cases, one))
cat(toJSON(out, auto_unbox = TRUE, digits = I(17), na = "null", null = "null"), "\n")
