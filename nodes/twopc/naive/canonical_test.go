package naive

import (
	"reflect"
	"testing"
)

// A canonical state that leaves something out proves stalls that are none. So whoever
// adds a field must say here that it is shown, or why it need not be.
func TestCanonicalKnowsEveryField(t *testing.T) {
	known := map[string]string{
		"coordinator.cfg": "never changes", "coordinator.env": "the kernel's", "coordinator.epoch": "shown", "coordinator.open": "shown",
		"coordinator.sessions": "shown", "coordinator.changes": "for invariants",
		"TimeoutCoordinator.coordinator": "its fields are shown", "TimeoutCoordinator.journal": "shown",
		"open.tx": "shown", "open.shares": "shown", "open.state": "shown", "open.heard": "shown", "open.balances": "shown",
		"session.tx": "shown", "session.client": "a client's", "session.outcome": "shown",
		"participant.cfg": "never changes", "participant.env": "the kernel's", "participant.bank": "shown by its hash and its queue",
		"participant.live": "shown", "participant.ended": "shown", "participant.journal": "shown", "participant.changes": "for invariants",
		"TimeoutParticipant.participant": "its fields are shown",
		"journal.env":                    "the kernel's", "journal.log": "shown",
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[coordinator](), reflect.TypeFor[TimeoutCoordinator](), reflect.TypeFor[open](),
		reflect.TypeFor[session](), reflect.TypeFor[participant](), reflect.TypeFor[TimeoutParticipant](), reflect.TypeFor[journal]()} {
		for i := range typ.NumField() {
			if name := typ.Name() + "." + typ.Field(i).Name; known[name] == "" {
				t.Errorf("nobody says whether Canonical shows %s", name)
			}
		}
	}
}
