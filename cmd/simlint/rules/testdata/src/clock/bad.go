package clock

import (
	"context"
	clk "time"
)

func bad(ctx context.Context, t clk.Time) {
	_ = clk.Now()                        // want `clock: time.Now depends on the machine's clock; use env.Now or env.Elapsed`
	_ = clk.Since(t)                     // want `clock: time.Since`
	_ = clk.Until(t)                     // want `clock: time.Until`
	clk.Sleep(clk.Second)                // want `clock: time.Sleep`
	_ = clk.After                        // want `clock: time.After`
	clk.AfterFunc(0, nil)                // want `clock: time.AfterFunc`
	_ = clk.Tick                         // want `clock: time.Tick`
	_ = clk.NewTimer(0)                  // want `clock: time.NewTimer`
	_ = clk.NewTicker(1)                 // want `clock: time.NewTicker`
	context.WithTimeout(ctx, clk.Second) // want `clock: context.WithTimeout`
	context.WithDeadline(ctx, t)         // want `clock: context.WithDeadline`
}

// now hides the call behind a value.
var now = clk.Now // want `clock: time.Now`

func zone(t clk.Time) {
	_ = t.Local()                      // want `clock: \(time.Time\).Local depends on the machine's time zone`
	_ = t.In(clk.Local)                // want `clock: time.Local`
	_ = clk.Unix(0, 7)                 // want `clock: time.Unix returns an instant in the machine's time zone; append .UTC\(\)`
	_ = clk.UnixMilli(7).Add(clk.Hour) // want `clock: time.UnixMilli`
}
