package sim

import (
	"fmt"
	"strconv"
)

// NodeID names a machine: a class and an ordinal packed into 32 bits, servers
// ordered before clients. Ordinals start at 1; the zero NodeID is nobody, the
// sender of timers and of Boot. Servers and clients are separate namespaces:
// adding a server renames no client.
type NodeID uint32

const (
	classShift         = 28
	ordinalMask        = 1<<classShift - 1
	clientBit   NodeID = 1 << classShift
)

// Server returns the name of the i-th server, i ≥ 1.
func Server(i int) NodeID { return NodeID(ordinal(i)) }

// Client returns the name of the i-th client, i ≥ 1.
func Client(i int) NodeID { return clientBit | NodeID(ordinal(i)) }

func ordinal(i int) int {
	assert(i >= 1 && i <= ordinalMask, "node ordinal %d is outside 1..%d", i, ordinalMask)
	return i
}

// Ordinal is the number within the class, from 1; 0 for nobody.
func (id NodeID) Ordinal() int { return int(id & ordinalMask) }

// IsServer reports whether id names a server.
func (id NodeID) IsServer() bool { return id != 0 && id&clientBit == 0 }

// IsClient reports whether id names a client.
func (id NodeID) IsClient() bool { return id&clientBit != 0 }

// String prints n3 for a server, c2 for a client and - for nobody.
func (id NodeID) String() string {
	switch {
	case id == 0:
		return "-"
	case id.IsClient():
		return "c" + strconv.Itoa(id.Ordinal())
	default:
		return "n" + strconv.Itoa(id.Ordinal())
	}
}

// ParseNodeID reads what String prints.
func ParseNodeID(s string) (NodeID, error) {
	if s == "-" {
		return 0, nil
	}
	if len(s) >= 2 && (s[0] == 'n' || s[0] == 'c') && s[1] != '0' {
		if n, err := strconv.ParseUint(s[1:], 10, classShift); err == nil && s[1] != '+' {
			if s[0] == 'c' {
				return Client(int(n)), nil
			}
			return Server(int(n)), nil
		}
	}
	return 0, fmt.Errorf("%q does not name a node (want n1, n2, … for servers or c1, c2, … for clients)", s)
}

// assert panics when a condition that only a bug can break does not hold. The
// arguments are formatted only then.
func assert(ok bool, format string, args ...any) {
	if !ok {
		panic("sim: " + fmt.Sprintf(format, args...))
	}
}
