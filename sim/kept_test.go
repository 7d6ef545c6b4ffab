package sim

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What is kept of a trace, read in pieces or at once, is what was put in.
func TestKeptIsWhatWasPutIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var k kept
		var want []Record
		small := rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, 1<<16-1))
		at, n := Time(0), uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"record": func(t *rapid.T) {
				n++
				at += Time(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 1<<40)).Draw(t, "later"))
				c := Core{
					At: at, K: rapid.Uint64().Draw(t, "k"), Due: Time(rapid.Int64().Draw(t, "due")),
					Cause: rapid.Uint64Range(0, n-1).Draw(t, "cause"), Cause2: rapid.Uint64Range(0, n-1).Draw(t, "cause2"),
					Node: NodeID(small.Draw(t, "node")), Peer: NodeID(rapid.Uint32().Draw(t, "peer")),
					Type: int32(small.Draw(t, "type")), Inc: uint32(small.Draw(t, "inc")), Effect: uint16(small.Draw(t, "effect")),
					Kind: Kind(rapid.IntRange(1, int(KindViolated)).Draw(t, "kind")),
					Fate: Fate(rapid.IntRange(0, int(Duplicated)).Draw(t, "fate")), Copy: uint8(rapid.IntRange(0, 255).Draw(t, "copy")),
				}
				r := Record{Seq: n, Core: c}
				if c.Node != 0 {
					r.Local = time.Duration(rapid.Int64().Draw(t, "local"))
				}
				k.add(n, &c, int64(r.Local))
				if c.Kind != KindDeliver && c.Kind != KindMiss && rapid.Bool().Draw(t, "has text") {
					r.Text = rapid.String().Draw(t, "text")
					k.text(n, r.Text)
				}
				want = append(want, r)
			},
			"change": func(t *rapid.T) {
				if n == 0 {
					t.Skip("no record")
				}
				r := &want[rapid.IntRange(0, int(n)-1).Draw(t, "record")]
				mask := rapid.Uint64Min(1).Draw(t, "mask")
				fields := []Field{{Name: "x", Int: int64(n)}}
				k.change(r.Seq, mask, fields)
				r.Changed |= mask
				r.Fields = append(r.Fields, fields...)
			},
			"read": func(*rapid.T) { k.all() },
		})
		got := k.all()
		for i := range want {
			if want[i].Kind == KindDeliver || want[i].Kind == KindMiss {
				if c := want[i].Cause; c != 0 {
					want[i].Text = got[c-1].Text
				}
			}
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("record %d: got %+v, want %+v", i+1, got[i], want[i])
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d records, want %d", len(got), len(want))
		}
	})
}

// The records of a real run read the same whether they are kept or in the flight
// ring, and take few bytes.
func TestKeptAgainstTheRing(t *testing.T) {
	kept, _ := newW1(Config{Seed: 1, Records: true})
	ring, _ := newW1(Config{Seed: 1})
	for _, w := range []*World{kept, ring} {
		w.RunUntil(ms(500))
	}
	all, last := kept.Trace().Records(), ring.Trace().Last(1<<14)
	all = all[len(all)-len(last):]
	for i := range last {
		if all[i].Seq != last[i].Seq || all[i].Core != last[i].Core {
			t.Fatalf("record %d: kept %+v, in the ring %+v", last[i].Seq, all[i].Core, last[i].Core)
		}
	}
	bytes, _ := kept.trace.kept.bytes()
	if per := float64(bytes) / float64(kept.trace.Len); per > 9 {
		t.Errorf("a record takes %.1f bytes, want at most 9", per)
	}
}
