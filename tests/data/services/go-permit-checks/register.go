package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

type Vehicle struct {
	Plate    string `json:"plate"`
	Keeper   string `json:"keeper"`
	Colour   string `json:"colour"`
	Permits  string `json:"permits"`
	Disabled bool   `json:"disabled"`
}

var errNoVehicle = errors.New("no such vehicle")

// Session is one signed-in conversation with the vehicle register.
type Session struct {
	conn   net.Conn
	in     *bufio.Reader
	broken bool
	used   time.Time
}

func (s *Session) ask(out any, format string, args ...any) error {
	s.conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := fmt.Fprintf(s.conn, format+"\n", args...); err != nil {
		s.broken = true
		return err
	}
	line, err := s.in.ReadBytes('\n')
	if err != nil {
		s.broken = true
		return err
	}
	if string(line) == "null\n" {
		return errNoVehicle
	}
	return json.Unmarshal(line, out)
}

func (s *Session) Vehicle(plate string) (v Vehicle, err error) {
	err = s.ask(&v, "VEHICLE %s", plate)
	return v, err
}

func (s *Session) OpenFines(keeper string) (n int, err error) {
	err = s.ask(&n, "FINES %s", keeper)
	return n, err
}

// Register keeps sessions open, since signing in takes long.
type Register struct {
	addr    string
	permits chan struct{}
	idle    chan *Session
}

func NewRegister(addr string, size int) *Register {
	return &Register{addr: addr, permits: make(chan struct{}, size), idle: make(chan *Session, size)}
}

func (r *Register) open(ctx context.Context) (*Session, error) {
	d := net.Dialer{Timeout: 2 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", r.addr)
	if err != nil {
		return nil, err
	}
	s := &Session{conn: conn, in: bufio.NewReader(conn)}
	var welcome string
	if err := s.ask(&welcome, "HELLO wardens"); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

func (r *Register) borrow(ctx context.Context) (*Session, error) {
	select {
	case r.permits <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case s := <-r.idle:
		if time.Since(s.used) < 5*time.Minute {
			return s, nil
		}
		s.conn.Close()
	default:
	}
	s, err := r.open(ctx)
	if err != nil {
		<-r.permits
	}
	return s, err
}

func (r *Register) giveBack(s *Session) {
	if s.broken {
		s.conn.Close()
	} else {
		s.used = time.Now()
		r.idle <- s
	}
	<-r.permits
}

// With lends a session to f.
func (r *Register) With(ctx context.Context, f func(*Session) error) error {
	s, err := r.borrow(ctx)
	if err != nil {
		return err
	}
	defer r.giveBack(s)
	return f(s)
}
