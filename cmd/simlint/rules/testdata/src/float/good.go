package float

import "time"

const million = 1e6

func good(d time.Duration, ppm int64) time.Duration {
	const half = 0.5
	var second time.Duration = 1e9
	return d*time.Duration(ppm)/million + second + half*2
}
