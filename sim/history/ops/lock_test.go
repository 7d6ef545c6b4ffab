package ops_test

import (
	"testing"
	"time"

	"distsim/sim/history/ops"
)

func TestLocksAndTheirAnswersPrintAsCallsAndAnswers(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{ops.Lock{Kind: ops.Try, Name: "l1"}.String(), "try(l1)"},
		{ops.Lock{Kind: ops.Acquire, Name: "l1", Wait: 2 * time.Second}.String(), "acquire(l1,2s)"},
		{ops.Lock{Kind: ops.Release, Name: "l1", Token: 7}.String(), "release(l1,7)"},
		{ops.Lock{Kind: ops.Release, Name: "l1"}.String(), "release(l1)"},
		{ops.Lock{Kind: ops.Inspect, Name: "l1"}.String(), "inspect(l1)"},
		{ops.LockResult{Answer: ops.Granted, Token: 7}.String(), "granted 7"},
		{ops.LockResult{Answer: ops.Granted}.String(), "granted"},
		{ops.LockResult{Answer: ops.Busy}.String(), "busy"},
		{ops.LockResult{Answer: ops.TimedOut}.String(), "timed out"},
		{ops.LockResult{Answer: ops.AlreadyHeld}.String(), "already held"},
		{ops.LockResult{Answer: ops.Released}.String(), "released"},
		{ops.LockResult{Answer: ops.NotOwner}.String(), "not owner"},
		{ops.LockResult{Answer: ops.Seen}.String(), "free"},
		{ops.LockResult{Answer: ops.Seen, Token: 7}.String(), "held 7"},
	} {
		if c.got != c.want {
			t.Errorf("printed %s, want %s", c.got, c.want)
		}
	}
}
