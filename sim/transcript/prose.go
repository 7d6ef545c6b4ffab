package transcript

import (
	"bufio"
)

// prose puts every line into words.
type prose struct {
	out *bufio.Writer
	o   *Options
}

func (p *prose) begin() {}

func (p *prose) put(l line) {
	text := l.text
	switch l.kind {
	case askLine:
		text = "client asks " + text
	case hearLine:
		text = "client hears " + text
	case lastLine:
		p.out.WriteString("(" + plain(text, p.o.ASCII) + ")\n")
		return
	}
	p.out.WriteString(seconds(l.at) + " " + plain(text, p.o.ASCII) + "\n")
}
