// Accreditation desk of a fair: badges are laid out here and sent to the card printers of the hall.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

type Guest struct {
	Name    string `json:"name"`
	Company string `json:"company"`
	Role    string `json:"role"`
	Days    []int  `json:"days"`
}

type Badge struct {
	Serial int64  `json:"serial"`
	Zone   string `json:"zone"`
	Layout string `json:"-"`
	State  string `json:"state"`
}

var zones = map[string]string{"exhibitor": "A", "speaker": "B", "press": "P", "visitor": "V"}

func layout(serial int64, g Guest) (Badge, error) {
	zone, ok := zones[g.Role]
	if !ok {
		return Badge{}, fmt.Errorf("unknown role %q", g.Role)
	}
	if g.Name == "" || len(g.Days) == 0 {
		return Badge{}, errors.New("name and days are needed")
	}
	days := make([]string, len(g.Days))
	for i, d := range g.Days {
		days[i] = fmt.Sprintf("D%d", d)
	}
	text := strings.Join([]string{
		"SIZE 86 54", "FONT 4 " + strings.ToUpper(g.Name), "FONT 2 " + g.Company,
		fmt.Sprintf("BAR %s%08d", zone, serial), "DAYS " + strings.Join(days, ","),
	}, "|")
	return Badge{Serial: serial, Zone: zone, Layout: text}, nil
}

// Printer is the print server's line protocol: one PRINT, one line back when the card has been accepted.
type Printer struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
}

func (p *Printer) dial() error {
	conn, err := net.DialTimeout("tcp", p.addr, 2*time.Second)
	if err != nil {
		return err
	}
	p.conn, p.in = conn, bufio.NewReader(conn)
	return nil
}

func (p *Printer) Print(b Badge) (string, error) {
	if p.conn == nil {
		if err := p.dial(); err != nil {
			return "", err
		}
	}
	p.conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(p.conn, "PRINT %d %s\n", b.Serial, b.Layout); err != nil {
		p.drop()
		return "", err
	}
	line, err := p.in.ReadString('\n')
	if err != nil {
		p.drop()
		return "", err
	}
	return strings.ToLower(strings.TrimSpace(line)), nil
}

func (p *Printer) drop() {
	p.conn.Close()
	p.conn = nil
}

type job struct {
	badge Badge
	done  chan outcome
}

type outcome struct {
	state string
	err   error
}

// Hall hands print jobs to its workers.
type Hall struct {
	jobs    chan job
	printed atomic.Int64
}

func OpenHall(addr string, workers int) *Hall {
	h := &Hall{jobs: make(chan job, 200)}
	for range workers {
		go h.work(&Printer{addr: addr})
	}
	return h
}

func (h *Hall) work(p *Printer) {
	for j := range h.jobs {
		state, err := p.Print(j.badge)
		if err == nil {
			h.printed.Add(1)
		}
		j.done <- outcome{state, err}
	}
}

func (h *Hall) Print(ctx context.Context, b Badge) (string, error) {
	j := job{badge: b, done: make(chan outcome, 1)}
	select {
	case h.jobs <- j:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case o := <-j.done:
		return o.state, o.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

type Desk struct {
	hall    *Hall
	serials atomic.Int64
}

func (d *Desk) handleBadge(w http.ResponseWriter, r *http.Request) {
	var g Guest
	if err := json.NewDecoder(r.Body).Decode(&g); err != nil {
		http.Error(w, "bad guest", http.StatusBadRequest)
		return
	}
	badge, err := layout(d.serials.Add(1), g)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	badge.State, err = d.hall.Print(r.Context(), badge)
	if err != nil {
		log.Printf("badge %d: %v", badge.Serial, err)
		http.Error(w, "printers do not answer", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(badge)
}

func (d *Desk) handleTotals(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "{\"laid_out\": %d, \"printed\": %d}\n", d.serials.Load(), d.hall.printed.Load())
}

func main() {
	desk := &Desk{hall: OpenHall("127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), 2)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /badges", desk.handleBadge)
	mux.HandleFunc("GET /totals", desk.handleTotals)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
