package transcript

import (
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
	case has(role, "leader", "primary", "master", "coordinator", "holder", "owner"):
		return g.leader
	case has(role, "follower", "backup", "replica", "secondary", "participant", "standby"):
		return g.follower
	default:
		return plain(role[:1], true)
	}
}

func has(role string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(role, w) {
			return true
		}
	}
	return false
}

// legend explains the signs.
func (g *glyphs) legend() string {
	return g.leader + " leader or primary   " + g.candidate + " candidate   " + g.follower + " follower or backup   " +
		g.up + " up   " + g.paused + " paused   " + g.down + " down"
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
