package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"time"
)

// Gateway is the box in the hall that speaks to the probes by radio: one line asks, one line answers.
type Gateway struct {
	addr   string
	dialer net.Dialer
}

func NewGateway(addr string) *Gateway {
	return &Gateway{addr: addr, dialer: net.Dialer{Timeout: time.Second}}
}

func (g *Gateway) Read(ctx context.Context, probe string) (celsius float64, battery int, err error) {
	conn, err := g.dialer.DialContext(ctx, "tcp", g.addr)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetDeadline(deadline)
	}
	if _, err = fmt.Fprintf(conn, "READ %s\n", probe); err != nil {
		return 0, 0, err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return 0, 0, err
	}
	var name string
	if _, err = fmt.Sscanf(line, "OK %s %f %d", &name, &celsius, &battery); err != nil {
		return 0, 0, fmt.Errorf("gateway said %q: %w", line, err)
	}
	return celsius, battery, nil
}
