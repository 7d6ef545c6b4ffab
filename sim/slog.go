package sim

import (
	"context"
	"log/slog"
	"strings"
)

// Logger is an slog.Logger whose lines become trace records, as Logf's do, so
// that code written against slog can run here unchanged. Levels are part of the
// text; wall time is not looked at.
func (e *Env) Logger() *slog.Logger { return slog.New(&logHandler{env: e}) }

// logHandler is an slog.Handler; its zero prefix and attributes add nothing.
type logHandler struct {
	env    *Env
	prefix string // of the groups that are open: "a.b."
	attrs  string // already formatted: " k=v"
}

// Enabled reports that every level is traced.
func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle adds a line: level, message, attributes.
func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	if h.env.dead {
		return nil
	}
	h.env.w.note(KindLog, h.env.m, func() string {
		var b strings.Builder
		b.WriteString(r.Level.String() + " " + r.Message + h.attrs)
		r.Attrs(func(a slog.Attr) bool {
			b.WriteString(h.format(a))
			return true
		})
		return b.String()
	})
	return nil
}

// WithAttrs is the handler with attributes on every line.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	for _, a := range attrs {
		next.attrs += h.format(a)
	}
	return &next
}

// WithGroup is the handler whose later attributes are named within a group.
func (h *logHandler) WithGroup(name string) slog.Handler {
	next := *h
	next.prefix += name + "."
	return &next
}

func (h *logHandler) format(a slog.Attr) string {
	return " " + h.prefix + a.Key + "=" + a.Value.Resolve().String()
}
