package cli

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// sheet is a table without lines: columns, and a header in lower case.
type sheet struct {
	w     table.Writer
	width int // of the terminal; 0: do not wrap
	cols  int
}

func (a *app) sheet(header ...any) *sheet {
	w := table.NewWriter()
	style := table.StyleDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	style.Format.Header = text.FormatDefault
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	w.AppendHeader(header)
	return &sheet{w: w, width: a.term.width, cols: len(header)}
}

func (s *sheet) row(cells ...any) { s.w.AppendRow(cells) }

// wrap lets column n, from 1, take what is left of the terminal when the others
// take rest.
func (s *sheet) wrap(n, rest int) {
	if s.width > 0 {
		s.w.SetColumnConfigs([]table.ColumnConfig{
			{Number: n, WidthMax: max(24, s.width-rest), WidthMaxEnforcer: text.WrapSoft},
		})
	}
}

func (s *sheet) String() string { return s.w.Render() + "\n" }
