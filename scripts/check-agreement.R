# Recomputes the agreement between coders with an independent implementation and compares it with ours.
#
#   apt-get install r-base-core r-cran-vcd r-cran-jsonlite python3-nltk
#   apt-get install r-cran-irr, or Rscript -e 'install.packages("irr")'     (optional: Debian 12 does not have irr, CRAN does)
#
#   npm run --silent agreement -- FILE.csv --level ordinal > figures.json
#   Rscript scripts/check-agreement.R FILE.csv figures.json
#
# FILE.csv has the columns unit, coder, value, with commas between; an empty value is a missing rating. The level is read from the figures;
# --scale, --not-documented and --leave-out are not for this check. What each figure is compared with:
#   kappa (plain, linear, quadratic)   vcd::Kappa, pair by pair, averaged; with two coders its asymptotic standard error gives the interval
#   alpha                              NLTK (nominal and interval) and irr::kripp.alpha, each where installed; always also the mean over all
#                                      pairs of ratings, written below from the definition, without a coincidence matrix
#   percent, AC1, AC2                  from the definitions, with full weight matrices
# Prints a table and leaves with status 1 if any figure differs by more than one in a million.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 2) stop("Usage: Rscript scripts/check-agreement.R FILE.csv figures.json", call. = FALSE)
suppressPackageStartupMessages({
  library(vcd)
  library(jsonlite)
})
ours <- fromJSON(arguments[2], simplifyVector = FALSE)
level <- ours$level
ratings <- read.csv(arguments[1], colClasses = "character", strip.white = TRUE)
ratings <- ratings[ratings$value != "", ]

values <- unique(ratings$value)
values <- if (level == "nominal") sort(values) else values[order(as.numeric(values))]
place <- switch(level, nominal = seq_along(values), ordinal = seq_along(values), interval = as.numeric(values))
units <- unique(ratings$unit)
coders <- unique(ratings$coder)
codes <- matrix(NA_integer_, length(units), length(coders), dimnames = list(units, coders))
codes[cbind(ratings$unit, ratings$coder)] <- match(ratings$value, values)

span <- max(place) - min(place)
weights_of <- function(power) if (power == 0) diag(length(values)) else 1 - abs(outer(place, place, "-") / span)^power

percent <- function() {
  per_unit <- apply(codes, 1, function(row) {
    row <- row[!is.na(row)]
    if (length(row) < 2) return(c(0, 0))
    c(length(row) * mean(combn(row, 2, function(pair) pair[1] == pair[2])), length(row))
  })
  sum(per_unit[1, ]) / sum(per_unit[2, ])
}

kappas <- function(power) {
  pairs <- combn(length(coders), 2)
  apply(pairs, 2, function(pair) {
    both <- codes[complete.cases(codes[, pair]), pair, drop = FALSE]
    if (nrow(both) < 2) return(c(NA, NA))
    crossed <- table(factor(both[, 1], seq_along(values)), factor(both[, 2], seq_along(values)))
    found <- suppressWarnings(if (power == 0) Kappa(crossed)$Unweighted else Kappa(crossed, weights = weights_of(power))$Weighted)
    c(found[["value"]], found[["ASE"]])
  })
}

alpha <- function(metric) {
  pairable <- codes[rowSums(!is.na(codes)) > 1, , drop = FALSE]
  pooled <- pairable[!is.na(pairable)]
  frequency <- tabulate(pooled, length(values))
  difference <- function(one, other) {
    if (metric == "nominal") return(as.numeric(one != other))
    if (metric == "interval") return((place[one] - place[other])^2)
    mapply(function(c, k) (sum(frequency[min(c, k):max(c, k)]) - (frequency[c] + frequency[k]) / 2)^2, one, other)
  }
  within <- sum(apply(pairable, 1, function(row) {
    row <- row[!is.na(row)]
    pairs <- expand.grid(seq_along(row), seq_along(row))
    pairs <- pairs[pairs[, 1] != pairs[, 2], ]
    sum(difference(row[pairs[, 1]], row[pairs[, 2]])) / (length(row) - 1)
  })) / length(pooled)
  across <- expand.grid(seq_along(values), seq_along(values))
  across <- sum(frequency[across[, 1]] * frequency[across[, 2]] * difference(across[, 1], across[, 2]))
  1 - within * length(pooled) * (length(pooled) - 1) / across
}

# By the agreement module of NLTK, which gives these two of the metrics of alpha; NA where it is not installed.
nltk_alpha <- function(metric) {
  program <- "import csv, sys
from nltk.metrics import binary_distance, interval_distance
from nltk.metrics.agreement import AnnotationTask
metric = {'nominal': binary_distance, 'interval': interval_distance}[sys.argv[2]]
value = float if sys.argv[2] == 'interval' else str
rows = [(row['coder'], row['unit'], value(row['value'])) for row in csv.DictReader(open(sys.argv[1])) if row['value']]
print(repr(AnnotationTask(data=rows, distance=metric).alpha()))"
  said <- suppressWarnings(system2("/usr/bin/python3", c("-c", shQuote(program), shQuote(arguments[1]), metric), stdout = TRUE, stderr = FALSE))
  if (length(said) == 1) as.numeric(said) else NA
}

gwet <- function(power) {
  weights <- weights_of(power)
  q <- length(values)
  shares <- t(apply(codes, 1, function(row) tabulate(row[!is.na(row)], q)))
  rated <- rowSums(shares)
  prevalence <- colMeans(shares / rated)
  twice <- rated > 1
  agreeing <- rowSums(shares * (shares %*% weights - 1)) / (rated * (rated - 1))
  chance <- sum(weights) / (q * (q - 1))
  expected <- chance * sum(prevalence * (1 - prevalence))
  value <- (mean(agreeing[twice]) - expected) / (1 - expected)
  n <- length(rated)
  own <- ifelse(twice, n / sum(twice) * (agreeing - expected) / (1 - expected), 0)
  own_chance <- chance * as.vector(shares %*% (1 - prevalence)) / rated
  error <- sqrt(sum((own - 2 * (1 - value) * (own_chance - expected) / (1 - expected) - value)^2) / (n * (n - 1)))
  c(value, value + c(-1, 1) * qt(0.975, n - 1) * error)
}

rows <- list()
compare <- function(name, figure, theirs, source) {
  if (is.null(figure) || is.na(theirs)) return(invisible())
  rows[[length(rows) + 1]] <<- data.frame(figure = name, ours = figure, theirs = theirs, difference = abs(figure - theirs), by = source)
}
bounded <- function(number) max(-1, min(1, number))

for (name in names(ours$coefficients)) {
  estimate <- ours$coefficients[[name]]
  if (estimate$kind != "value") next
  power <- if (grepl("Linear", name)) 1 else if (grepl("Quadratic", name)) 2 else 0
  if (name == "percent") compare(name, estimate$value, percent(), "definition")
  if (grepl("^kappa", name)) {
    found <- kappas(power)
    compare(name, estimate$value, mean(found[1, ], na.rm = TRUE), "vcd")
    if (length(coders) == 2) {
      compare(paste(name, "low"), estimate$analytic$low, bounded(found[1, 1] - qnorm(0.975) * found[2, 1]), "vcd")
      compare(paste(name, "high"), estimate$analytic$high, bounded(found[1, 1] + qnorm(0.975) * found[2, 1]), "vcd")
    }
  }
  if (grepl("^alpha", name)) {
    metric <- tolower(sub("alpha", "", name))
    compare(name, estimate$value, alpha(metric), "definition")
    if (metric != "ordinal") compare(name, estimate$value, nltk_alpha(metric), "NLTK")
    if (requireNamespace("irr", quietly = TRUE)) {
      numbers <- matrix(place[codes], nrow(codes))
      compare(name, estimate$value, irr::kripp.alpha(t(numbers), metric)$value, "irr")
    }
  }
  if (grepl("^ac", name)) {
    found <- gwet(power)
    compare(name, estimate$value, found[1], "definition")
    compare(paste(name, "low"), estimate$analytic$low, bounded(found[2]), "definition")
    compare(paste(name, "high"), estimate$analytic$high, bounded(found[3]), "definition")
  }
}
table <- do.call(rbind, rows)
print(table, digits = 8, row.names = FALSE)
if (any(table$difference > 1e-6)) quit(status = 1)
cat(nrow(table), "figures agree\n")
