// Choir: the roll of singers as a sheet, each line read, checked, worded and signed.
package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

type entry struct {
	Number int               `json:"number"`
	Name   string            `json:"name"`
	Since  time.Time         `json:"since"`
	Dues   float64           `json:"dues"`
	Marks  map[string]string `json:"marks"`
	Link   string            `json:"link"`
	Seal   string            `json:"seal"`
}

var lines []string

type node struct {
	left, right *node
	word        string
}

var tree *node

func grow(depth int) *node {
	if depth == 0 {
		return nil
	}
	return &node{grow(depth - 1), grow(depth - 1), strconv.Itoa(rand.Int())}
}

var name = regexp.MustCompile(`^[A-Z][a-z]+(?: [A-Z][a-z]+)+$`)

func split(line string) ([]string, error) {
	fields := strings.Split(line, ",")
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields, nil
}

func checked(fields []string) error {
	if len(fields) != 5 || !name.MatchString(fields[1]) {
		return fmt.Errorf("line %q is no entry", strings.Join(fields, ";"))
	}
	return nil
}

func dated(text string) (time.Time, error) { return time.Parse("02 Jan 2006", text) }

func marks(text string) map[string]string {
	found := map[string]string{}
	for _, part := range strings.Split(text, "|") {
		key, value, _ := strings.Cut(part, "=")
		found[strings.ToLower(key)] = strings.TrimSpace(value)
	}
	return found
}

func link(e entry) string {
	q := url.Values{}
	q.Set("name", e.Name)
	q.Set("since", e.Since.Format(time.RFC3339))
	return "/members/" + strconv.Itoa(e.Number) + "?" + q.Encode()
}

func seal(e entry) string {
	sum := sha1.Sum([]byte(fmt.Sprintf("%d/%s/%.2f", e.Number, e.Name, e.Dues)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func read(line string) (entry, error) {
	fields, err := split(line)
	if err != nil {
		return entry{}, err
	}
	if err := checked(fields); err != nil {
		return entry{}, err
	}
	e := entry{Name: fields[1], Marks: marks(fields[4])}
	e.Number, _ = strconv.Atoi(fields[0])
	e.Dues, _ = strconv.ParseFloat(fields[3], 64)
	if e.Since, err = dated(fields[2]); err != nil {
		return e, err
	}
	e.Link = link(e)
	e.Seal = seal(e)
	return e, nil
}

func pretty(body []byte) ([]byte, error) {
	var out bytes.Buffer
	err := json.Indent(&out, body, "", " ")
	return out.Bytes(), err
}

func roll(w http.ResponseWriter, r *http.Request) {
	var entries []entry
	for _, line := range lines {
		e, err := read(line)
		if err != nil {
			continue
		}
		entries = append(entries, e)
	}
	body, err := json.Marshal(entries)
	if err == nil {
		body, err = pretty(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(body)
}

func main() {
	debug.SetGCPercent(12)
	tree = grow(20)
	first := []string{"Ada", "Berta", "Carl", "Dora", "Emil"}
	for n := range 2000 {
		lines = append(lines, fmt.Sprintf("%d,%s %s,%02d Mar %d,%d.50,trade=Smith|town=Ulm |rank=%d", n, first[rand.Intn(5)], first[rand.Intn(5)], 1+rand.Intn(28), 1950+rand.Intn(70), rand.Intn(90), rand.Intn(9)))
	}
	http.HandleFunc("GET /roll", roll)
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
