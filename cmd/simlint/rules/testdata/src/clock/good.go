package clock

import (
	"context"
	"time"
)

const timeout = 300 * time.Millisecond

func good(ctx context.Context, d time.Duration) string {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	start := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)
	_ = time.Unix(0, 7).UTC()
	_ = time.UnixMilli(7).In(time.UTC)
	return start.Add(d).Format(time.RFC3339Nano) + d.Round(timeout).String()
}

// Now is somebody else's Now.
type virtual struct{}

func (virtual) Now() time.Time { return time.Time{} }

func mine(v virtual) time.Time { return v.Now() }
