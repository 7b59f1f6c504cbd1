package origin

func safeRelative(string) bool { return false }

// Match matches.
func Match(url, pattern string, allowRelative bool) bool { return false }
