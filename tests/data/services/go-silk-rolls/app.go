// Silk: the rolls left, which a database of a kind of its own knows.
package main

import (
	"bufio"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
)

type wire struct {
	c net.Conn
	r *bufio.Reader
}

type store struct{}

func (store) Open(address string) (driver.Conn, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &wire{c, bufio.NewReader(c)}, nil
}

func (w *wire) Prepare(q string) (driver.Stmt, error) { return &question{w, q}, nil }
func (w *wire) Close() error                          { return w.c.Close() }
func (w *wire) Begin() (driver.Tx, error)             { return nil, driver.ErrSkip }

type question struct {
	w *wire
	q string
}

func (q *question) Close() error                                 { return nil }
func (q *question) NumInput() int                                { return 0 }
func (q *question) Exec(v []driver.Value) (driver.Result, error) { return nil, driver.ErrSkip }
func (q *question) Query(v []driver.Value) (driver.Rows, error) {
	fmt.Fprintln(q.w.c, q.q)
	text, err := q.w.r.ReadString('\n')
	return &answer{text: text}, err
}

type answer struct {
	text string
	done bool
}

func (a *answer) Columns() []string { return []string{"value"} }
func (a *answer) Close() error      { return nil }
func (a *answer) Next(to []driver.Value) error {
	if a.done {
		return io.EOF
	}
	to[0], a.done = a.text, true
	return nil
}

var db *sql.DB

func rollsLeft(w http.ResponseWriter, r *http.Request) {
	var text string
	if err := db.QueryRowContext(r.Context(), "rolls left").Scan(&text); err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	fmt.Fprint(w, text)
}

func main() {
	sql.Register("store", store{})
	db, _ = sql.Open("store", "127.0.0.1:"+os.Getenv("UPSTREAM_PORT"))
	db.SetMaxOpenConns(2)
	db.SetMaxIdleConns(2)
	mux := http.NewServeMux()
	mux.HandleFunc("/rolls", rollsLeft)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
