package planfile

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestDecodeUndoesEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plans().Draw(t, "plan")
		data, err := Encode(p)
		if err != nil {
			t.Fatalf("Encode: %v", err)
		}
		q, err := Decode("p.yaml", data)
		if err != nil {
			t.Fatalf("Decode(Encode(p)): %v\n%s", err, data)
		}
		if !reflect.DeepEqual(p, q) {
			t.Fatalf("Decode(Encode(p)) differs:\n got %+v\nwant %+v\n%s", q, p, data)
		}
		if again, err := Encode(q); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("Encode(Decode(x)) differs (%v):\n%s\n%s", err, again, data)
		}
	})
}
