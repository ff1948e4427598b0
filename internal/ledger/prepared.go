package ledger

import (
	"context"
	"database/sql"
	"sync"
)

// mostPrepared bounds how many statements are kept. There are about two hundred.
const mostPrepared = 1000

// prepared runs statements on one connection, or a pool, and keeps them: reading one costs more than most take to run.
type prepared struct {
	on interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
	}

	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

func (p *prepared) statement(ctx context.Context, query string) (s *sql.Stmt, kept bool, err error) {
	p.mu.RLock()
	s, kept = p.kept[query]
	p.mu.RUnlock()
	if kept {
		return s, true, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, kept = p.kept[query]; kept {
		return s, true, nil
	}
	if s, err = p.on.PrepareContext(ctx, query); err != nil || len(p.kept) >= mostPrepared {
		return s, false, err
	}
	if p.kept == nil {
		p.kept = map[string]*sql.Stmt{}
	}
	p.kept[query] = s
	return s, true, nil
}

// QueryContext runs a query.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, kept, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if !kept {
		defer s.Close() // the rows keep it until they are closed
	}
	return s.QueryContext(ctx, args...)
}

// exec runs a statement without an answer.
func (p *prepared) exec(ctx context.Context, query string, args ...any) error {
	_, err := p.change(ctx, query, args...)
	return err
}

// change runs a statement and returns how many rows it changed.
func (p *prepared) change(ctx context.Context, query string, args ...any) (int64, error) {
	s, kept, err := p.statement(ctx, query)
	if err != nil {
		return 0, err
	}
	if !kept {
		defer s.Close()
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// reader is a pool of connections that only read, and what runs queries on it.
type reader struct {
	querier
	pool *sql.DB
}
