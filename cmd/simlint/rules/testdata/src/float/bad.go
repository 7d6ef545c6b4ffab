package float

import (
	"math"
	"strconv"
	"time"
)

type rate float64 // want `float: floating point may round differently elsewhere; use integers`

type link struct {
	loss float32 // want `float:`
}

func bad(d time.Duration, r rate, l link, n int) { // want `float:`
	_ = d.Seconds()                   // want `float: \(time.Duration\).Seconds is floating point; divide durations as integers`
	_ = int(d.Hours())                // want `float: \(time.Duration\).Hours`
	_ = l.loss > 0                    // want `float:`
	_ = r                             // want `float:`
	_ = time.Duration(1.5 * r)        // want `float:`
	_ = math.Sqrt(2)                  // want `float:`
	x := 1.5                          // want `float:`
	_ = x                             // want `float:`
	_ = []complex128{}                // want `float:`
	_, _ = strconv.ParseFloat("", 64) // want `float:`
}

func isFloat(v any) bool {
	_, ok := v.(float64) // want `float:`
	return ok
}
