# Writes the published tables as CSV; run in this folder. Made with R 4.2.2, metadat 1.2-0 (Debian 12).
library(metadat)
columns <- list(
  bcg = c("author", "year", "tpos", "tneg", "cpos", "cneg", "ablat"),
  raudenbush1985 = c("author", "year", "weeks", "yi", "vi"),
  konstantopoulos2011 = c("district", "school", "study", "year", "yi", "vi"),
  collins1985b = c("author", "year", "pre.nti", "pre.nci", "pre.xti", "pre.xci"),
  normand1999 = c("source", "n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"),
  hine1989 = c("source", "n1i", "n2i", "ai", "ci"),
  hackshaw1998 = c("author", "year", "yi", "vi"),
  li2007 = c("study", "year", "ai", "n1i", "ci", "n2i"),
  yusuf1985 = c("table", "trial", "ai", "n1i", "ci", "n2i")
)
for (name in names(columns)) {
  data <- get(paste0("dat.", name))[, columns[[name]]]
  write.csv(data, paste0(name, ".csv"), row.names = FALSE, na = "", fileEncoding = "UTF-8")
}
