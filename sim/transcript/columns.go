package transcript

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"distsim/sim"
)

// columns is how a page's width is shared out.
type columns struct {
	time  int // the time column
	nodes int // how many servers have a cell
	cell  int // the width of a cell, its mark included; 0: there is no room for cells
	terms bool
	text  int
	calls int // 0: calls go with the text
}

const (
	timeWidth  = 8
	leastText  = 34
	leastCalls = 24
	mostCalls  = 44
)

// layout shares out a width: cells get roles and terms while half of the page
// remains for words, then roles only, then nothing.
func layout(width, nodes, term int) columns {
	c := columns{time: timeWidth, nodes: nodes, cell: max(3+term, 4), terms: true}
	if c.left() > width/2 {
		c.cell, c.terms = 2, false
	}
	if c.left() > width/2 {
		c.cell = 0
	}
	rest := width - c.left()
	c.calls = min(mostCalls, rest*2/5)
	if c.calls < leastCalls || rest-c.calls < leastText {
		c.calls = 0
	}
	c.text = rest
	if c.calls > 0 {
		c.text -= c.calls + 1
	}
	return c
}

// left is the width up to the text.
func (c *columns) left() int { return c.time + 1 + c.cells() + 1 }

// cells is the width of all cells.
func (c *columns) cells() int { return c.nodes * c.cell }

// title heads a server's column; a narrow one has room for a digit.
func (c *columns) title(id sim.NodeID) string {
	switch {
	case c.cell == 0:
		return ""
	case c.terms:
		return padded(" "+id.String(), c.cell)
	default:
		return " " + strconv.Itoa(id.Ordinal()%10)
	}
}

// term is what a cell shows beside the role.
func (c *columns) term(n *node) string {
	if !c.terms || !n.up {
		return ""
	}
	return n.value("term")
}

// padded fills a text up with spaces.
func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// wrap breaks a text into lines of at most width characters, at spaces where
// it can.
func wrap(s string, width int) []string {
	if s == "" {
		return nil
	}
	var lines []string
	runes, width := []rune(s), max(width, 1)
	for len(runes) > width {
		cut := width
		for cut > 0 && runes[cut] != ' ' {
			cut--
		}
		if cut <= width/2 {
			cut = width
		}
		lines = append(lines, strings.TrimRight(string(runes[:cut]), " "))
		runes = []rune(strings.TrimLeft(string(runes[cut:]), " "))
	}
	return append(lines, string(runes))
}
