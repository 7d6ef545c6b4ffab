package snowflake

import (
	"testing"

	"pgregory.net/rapid"

	"distsim/sim"
)

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		fields Fields
		id     ID
		text   string
	}{
		{Fields{1, Worker{0, 0}, 0}, 1 << 22, "1ms-0/0-0"},
		{Fields{1, Worker{0, 0}, 1}, 1<<22 + 1, "1ms-0/0-1"},
		{Fields{1, Worker{0, 1}, 0}, 1<<22 + 1<<12, "1ms-0/1-0"},
		{Fields{1, Worker{1, 0}, 0}, 1<<22 + 1<<17, "1ms-1/0-0"},
		{Fields{1, Worker{31, 31}, 4095}, 2<<22 - 1, "1ms-31/31-4095"},
		{Fields{MaxMilli, Worker{31, 31}, 4095}, 1<<63 - 1, "2199023255551ms-31/31-4095"},
	} {
		if got := c.fields.Pack(); got != c.id {
			t.Errorf("%+v packs to %d, want %d", c.fields, got, c.id)
		}
		if got := c.id.Decode(); got != c.fields {
			t.Errorf("%d decodes to %+v, want %+v", c.id, got, c.fields)
		}
		if got := c.id.String(); got != c.text {
			t.Errorf("%d prints as %s, want %s", c.id, got, c.text)
		}
	}
}

func TestDecodeUndoesPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFields(t, "a")
		if got := f.Pack().Decode(); got != f {
			t.Fatalf("%+v comes back as %+v", f, got)
		}
		g := anyFields(t, "b")
		if f.Milli < g.Milli && f.Pack() >= g.Pack() {
			t.Fatalf("%v is not before %v", f.Pack(), g.Pack())
		}
	})
}

func anyFields(t *rapid.T, name string) Fields {
	return Fields{
		Milli:    Milli(rapid.Int64Range(1, int64(MaxMilli)).Draw(t, name+" milli")),
		Worker:   Worker{uint8(rapid.IntRange(0, 31).Draw(t, name+" datacenter")), uint8(rapid.IntRange(0, 31).Draw(t, name+" worker"))},
		Sequence: rapid.IntRange(0, MaxSequence).Draw(t, name+" sequence"),
	}
}

func TestNoWorkerBeyondFiveBits(t *testing.T) {
	for _, w := range []Worker{{32, 0}, {0, 32}} {
		if panicOf(func() { Fields{1, w, 0}.Pack() }) == nil || panicOf(func() { NewGenerator(w, 0) }) == nil {
			t.Errorf("worker %v is accepted", w)
		}
	}
}

func panicOf(f func()) (why any) {
	defer func() { why = recover() }()
	f()
	return nil
}

// A millisecond begins with its first nanosecond, before the epoch too.
func TestMillisecondsOfAClock(t *testing.T) {
	const epoch = sim.WallEpoch
	for wall, want := range map[int64]Milli{
		epoch - 1_000_001: -2, epoch - 1_000_000: -1, epoch - 1: -1, epoch: 0, epoch + 999_999: 0, epoch + 1_000_000: 1,
	} {
		got := milliOf(epoch, wall)
		if got != want {
			t.Errorf("%d ns after the epoch is millisecond %d, want %d", wall-epoch, got, want)
		}
		if begins := got.begins(epoch); begins > wall || wall-begins >= perMilli {
			t.Errorf("millisecond %d begins at %d, and holds %d", got, begins-epoch, wall-epoch)
		}
	}
}
