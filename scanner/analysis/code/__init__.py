"""Program text: predicates over syntax trees."""
