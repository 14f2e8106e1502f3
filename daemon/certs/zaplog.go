package certs

import (
	"context"
	"log/slog"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// toSlog is a zap core that writes to slog what certmagic logs. It is told at
// debug level: what the owner must know comes as an error.
type toSlog struct {
	log *slog.Logger
	on  bool
}

func newZap(ctx context.Context, log *slog.Logger) *zap.Logger {
	return zap.New(toSlog{log, log.Enabled(ctx, slog.LevelDebug)})
}

func (t toSlog) Enabled(zapcore.Level) bool { return t.on }

func (t toSlog) With(fields []zapcore.Field) zapcore.Core {
	return toSlog{t.log.With(attrs(fields)...), t.on}
}

func (t toSlog) Check(e zapcore.Entry, c *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if t.on {
		return c.AddCore(e, t)
	}
	return c
}

func (t toSlog) Write(e zapcore.Entry, fields []zapcore.Field) error {
	t.log.Debug("acme", append(attrs(fields), "part", e.LoggerName, "says", e.Message)...)
	return nil
}

func (t toSlog) Sync() error { return nil }

func attrs(fields []zapcore.Field) []any {
	m := zapcore.NewMapObjectEncoder()
	for _, f := range fields {
		f.AddTo(m)
	}
	all := make([]any, 0, 2*len(m.Fields))
	for name, value := range m.Fields {
		all = append(all, name, value)
	}
	return all
}
