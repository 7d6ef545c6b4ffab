package scenarios

import "fmt"

// Plural counts things in words: 1 seed, 2 seeds.
func Plural[N int | uint64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
