package main

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Controller speaks the line protocol of the weighbridge controller.
type Controller struct {
	addr string

	mu   sync.Mutex
	conn net.Conn
	in   *bufio.Reader
}

func NewController(addr string) *Controller {
	return &Controller{addr: addr}
}

func (c *Controller) connect() error {
	if c.conn != nil {
		return nil
	}
	conn, err := net.DialTimeout("tcp", c.addr, 2*time.Second)
	if err != nil {
		return err
	}
	c.conn, c.in = conn, bufio.NewReader(conn)
	return nil
}

func (c *Controller) drop() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// roundTrip sends a command and reads its answer.
func (c *Controller) roundTrip(command string, lane int) (fields []string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err = c.connect(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.drop()
		}
	}()
	c.conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err = fmt.Fprintf(c.conn, "%s %d\r\n", command, lane); err != nil {
		return nil, err
	}
	line, err := c.in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	return strings.Fields(line), nil
}

// Axles gives the load of each axle in kilograms.
func (c *Controller) Axles(lane int) ([]int, error) {
	fields, err := c.roundTrip("AXLES", lane)
	if err != nil {
		return nil, err
	}
	if len(fields) < 3 || fields[0] != "AX" {
		return nil, fmt.Errorf("lane %d: strange answer %q", lane, fields)
	}
	loads := make([]int, 0, len(fields)-1)
	for _, f := range fields[1:] {
		load, err := strconv.Atoi(f)
		if err != nil {
			return nil, err
		}
		loads = append(loads, load)
	}
	return loads, nil
}

// Gross gives the weight on the lane in kilograms, and whether it stands still.
func (c *Controller) Gross(lane int) (kg int, stable bool, err error) {
	fields, err := c.roundTrip("GROSS", lane)
	if err != nil {
		return 0, false, err
	}
	if len(fields) != 4 || fields[0] != "GR" {
		return 0, false, fmt.Errorf("lane %d: strange answer %q", lane, fields)
	}
	kg, err = strconv.Atoi(fields[1])
	return kg, fields[3] == "S", err
}
