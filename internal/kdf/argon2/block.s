// This file is empty: it lets the compiler accept functions without a body,
// which are linked from another package (block.go).
