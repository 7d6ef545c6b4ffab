package transcript

import (
	"slices"
	"strings"
	"unicode"
)

// glyphs are the signs of a table.
type glyphs struct {
	leader, candidate, follower, up, down, paused string
	acts, asked, heard, rule                      string
}

func glyphsOf(ascii bool) glyphs {
	if ascii {
		return glyphs{"*", "?", ".", "o", "x", "=", ">", ">", "<", "-"}
	}
	return glyphs{"★", "?", "·", "○", "✗", "‖", "▸", "»", "«", "━"}
}

// Words in the names of roles. A legend has the first two of each, and of the others
// those that turn up.
var (
	leads   = [...]string{"leader", "primary", "master", "coordinator", "holder", "owner"}
	follows = [...]string{"follower", "backup", "replica", "secondary", "participant", "standby"}
)

// of is the sign of a node's state.
func (g *glyphs) of(n *node) string {
	switch {
	case !n.up:
		return g.down
	case n.paused:
		return g.paused
	}
	switch role := strings.ToLower(n.value("role")); {
	case role == "":
		return g.up
	case has(role, "candidate"):
		return g.candidate
	case has(role, leads[:]...):
		return g.leader
	case has(role, follows[:]...):
		return g.follower
	default:
		return plain(role[:1], true)
	}
}

// signless reports whether a role is shown by its first letter.
func signless(role string) bool {
	return role != "" && !has(role, "candidate") && !has(role, leads[:]...) && !has(role, follows[:]...)
}

func has(role string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(role, w) {
			return true
		}
	}
	return false
}

// legend explains the signs; met are the rarer words that turn up, others the roles that
// are shown by a letter.
func (g *glyphs) legend(met, others []string) string {
	text := g.leader + " " + either(leads[:], met) + "   " + g.candidate + " candidate   " + g.follower + " " + either(follows[:], met) + "   "
	for _, role := range others {
		text += plain(role[:1], true) + " " + plain(role, true) + "   "
	}
	return text + g.up + " up   " + g.paused + " paused   " + g.down + " down"
}

// either lists the first two words, and those of the others that were met.
func either(words, met []string) string {
	told := slices.Clone(words[:2])
	for _, w := range words[2:] {
		if slices.Contains(met, w) {
			told = append(told, w)
		}
	}
	last := len(told) - 1
	return strings.Join(told[:last], ", ") + " or " + told[last]
}

// longest is how much of one value or summary a line shows.
const longest = 72

// plain makes foreign text fit for a line: what cannot be printed becomes a
// space, and in ASCII the other characters their nearest kin.
func plain(s string, ascii bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case !unicode.IsPrint(r):
			return ' '
		case ascii && r > unicode.MaxASCII:
			return '?'
		default:
			return r
		}
	}, spelled(s, ascii))
}

// spelled writes the signs that this package uses in texts in ASCII.
func spelled(s string, ascii bool) string {
	if !ascii {
		return s
	}
	return strings.NewReplacer("…", "...", "→", "->", "←", "<-", "✗", "x", "×", "x", "–", "-", "·", ".").Replace(s)
}

// short cuts a text that is too long for a line.
func short(s string) string {
	if len(s) <= longest {
		return s
	}
	runes := []rune(s)
	if len(runes) <= longest {
		return s
	}
	return string(runes[:longest-1]) + "…"
}
