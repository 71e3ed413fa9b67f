// One costly pattern at a time, or its innocent look-alike: `patterns PATTERN SECONDS FILE`.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"reflect"
	"regexp"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"sort"
	"strconv"
	"time"
)

type line struct {
	Sku   string
	Cents int
	Tags  []string
}
type order struct {
	ID    int
	Lines []line
}

var words = make([]string, 3000)
var data order
var sink int
var pattern = regexp.MustCompile(`([a-z]+)\d+-(\w+)$`)

func regexCompile() {
	for _, word := range words[:100] {
		if regexp.MustCompile(`^(\w+)-` + word + `[a-z]*$`).MatchString("order-word5") {
			sink++
		}
	}
}
func regexMatch() {
	for _, word := range words[:100] {
		sink += len(pattern.ReplaceAllString("abababababababababab"+word, "x"))
	}
}
func jsonText() {
	text, _ := json.Marshal(data)
	var back order
	json.Unmarshal(text, &back)
	sink += len(back.Lines)
}
func reflection() {
	other := data
	for i := 0; i < 50; i++ {
		if reflect.DeepEqual(data, other) {
			sink++
		}
		value := reflect.ValueOf(data.Lines[i])
		for j := 0; j < value.NumField(); j++ {
			sink += len(value.Type().Field(j).Name) + len(fmt.Sprint(value.Field(j).Interface()))
		}
	}
}
func concat() {
	text := ""
	for _, word := range words {
		text += word
	}
	sink += len(text)
}
func growth() {
	for i := 0; i < 10; i++ {
		var all []int
		for j := 0; j < 300000; j++ {
			all = append(all, j)
		}
		sink += len(all)
	}
}
func mapGrowth() {
	all := map[int]int{}
	for j := 0; j < 200000; j++ {
		all[j] = j
	}
	sink += len(all)
}
func membership() {
	var seen []string
	for _, word := range words {
		if !slices.Contains(seen, word) {
			seen = append(seen, word)
		}
	}
	sink += len(seen)
}
func sortInLoop() {
	scores := make([]int, 2000)
	for i := range scores {
		scores[i] = i * 7919 % 1000
	}
	for i := 0; i < 20; i++ {
		scores = append(scores, i)
		again := slices.Clone(scores)
		sort.Slice(again, func(a, b int) bool { return again[a] < again[b] })
		sink += again[0]
	}
}
func dates() {
	for i := 0; i < 500; i++ {
		when, _ := time.Parse("2006-01-02 15:04:05", "2026-11-26 19:05:00")
		sink += len(when.Format(time.RFC1123))
	}
}
func gobs() {
	var buffer bytes.Buffer
	gob.NewEncoder(&buffer).Encode(data)
	sink += buffer.Len()
}
func compress() {
	writer, _ := gzip.NewWriterLevel(io.Discard, 9)
	for i := 0; i < 300; i++ {
		fmt.Fprintf(writer, "%d,%d;", i*7919, sink)
	}
	writer.Close()
}
func hashing() {
	sum := sha256.Sum256([]byte("secret"))
	for i := 0; i < 20000; i++ {
		sum = sha256.Sum256(sum[:])
	}
	sink += int(sum[0])
}
func templates() {
	page := template.Must(template.New("x").Parse(`{{range .Lines}}<b>{{.Sku}}</b>{{end}}`))
	page.Execute(io.Discard, data)
}
func logs() {
	for _, word := range words[:200] {
		log.Printf("seen %s of %d", word, len(words))
	}
}
func risky(n int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v at %d", r, len(debug.Stack()))
		}
	}()
	if n >= 0 {
		panic(errors.New("bad"))
	}
	return nil
}
func exceptions() {
	for i := 0; i < 200; i++ {
		if risky(i) != nil {
			sink++
		}
	}
}
func boxing() {
	all := make([]any, 0, 3000)
	for round := 0; round < 20; round++ {
		all = all[:0]
		for i := 0; i < 3000; i++ {
			all = append(all, i*1000+sink%7)
		}
		for _, one := range all {
			sink += one.(int) & 1
		}
	}
}

var certificate tls.Certificate

func handshakes() {
	client, server := net.Pipe()
	go func() {
		session := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate}})
		session.Handshake()
		io.Copy(io.Discard, session)
	}()
	session := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
	session.Handshake()
	session.Close()
	server.Close()
}
func innocent() {
	found := 0
	for i := 0; i < 3000000; i++ {
		found = (found*31 + i) % 1000003
	}
	text, _ := json.Marshal(data)
	seen := make(map[string]bool, len(words))
	for _, word := range words {
		seen[word] = true
	}
	sink += len(text) + len(seen) + found + len(strconv.Itoa(found))
}

var patterns = map[string]func(){
	"regex_compile": regexCompile, "regex_match": regexMatch, "json_text": jsonText,
	"reflection": reflection, "concat": concat, "growth": growth, "map_growth": mapGrowth,
	"membership": membership, "sort_in_loop": sortInLoop, "dates": dates, "gobs": gobs,
	"compress": compress, "password": hashing, "template_compile": templates, "logs": logs,
	"exceptions": exceptions, "boxing": boxing, "tls": handshakes, "innocent": innocent,
}

func main() {
	log.SetOutput(io.Discard)
	for i := range words {
		words[i] = "word" + strconv.Itoa(i)
	}
	for i := 0; i < 60; i++ {
		data.Lines = append(data.Lines, line{"s" + strconv.Itoa(i), i * 7, []string{"a", "b"}})
	}
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, _ := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	file, _ := os.Create(os.Args[3])
	pprof.StartCPUProfile(file)
	for end := time.Now().Add(time.Duration(seconds * 1e9)); time.Now().Before(end); {
		patterns[os.Args[1]]()
	}
	pprof.StopCPUProfile()
	file.Close()
}
