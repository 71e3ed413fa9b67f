// Network office: the access switches of a campus are described by a plan (YAML); this service checks a posted plan
// and answers with what each switch is to be given.
package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/netip"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/pelletier/go-toml/v2"
	"github.com/sirupsen/logrus"
	"gopkg.in/yaml.v3"
)

type Plan struct {
	Campus   string              `yaml:"campus" binding:"required"`
	Supernet string              `yaml:"supernet" binding:"required,cidr"`
	Defaults map[string]string   `yaml:"defaults"`
	Vlans    map[string]int      `yaml:"vlans" binding:"required"`
	Switches []SwitchPlan        `yaml:"switches" binding:"required,dive"`
	Labels   map[string][]string `yaml:"labels"`
}

type SwitchPlan struct {
	Name  string   `yaml:"name" binding:"required,hostname"`
	Model string   `yaml:"model" binding:"required,alphanum"`
	Ports int      `yaml:"ports" binding:"min=8,max=96"`
	Vlans []string `yaml:"vlans" binding:"min=1"`
	Mac   string   `yaml:"mac" binding:"mac"`
}

type Port struct {
	Name string   `toml:"name"`
	Vlan int      `toml:"vlan"`
	Tags []string `toml:"tags"`
}

type Device struct {
	ID       string            `toml:"id" yaml:"id"`
	Name     string            `toml:"name" yaml:"name"`
	Address  netip.Addr        `toml:"address" yaml:"address"`
	Gateway  netip.Addr        `toml:"gateway" yaml:"gateway"`
	Ports    []Port            `toml:"ports" yaml:"ports"`
	Settings map[string]string `toml:"settings" yaml:"settings"`
}

type Rendered struct {
	Name   string `json:"name"`
	Config string `json:"config"`
	Import string `json:"import"`
	Table  string `json:"table"`
	Digest string `json:"digest"`
}

var (
	log    = logrus.New()
	config = template.Must(template.New("config").Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(
		`hostname {{upper .Name}}
ip address {{.Address}} gateway {{.Gateway}}
{{range $k, $v := .Settings}}set {{$k}} "{{$v}}"
{{end}}`))
)

// addresses hands out the hosts of the supernet one after the other.
func addresses(supernet string) (func() netip.Addr, netip.Addr, error) {
	prefix, err := netip.ParsePrefix(supernet)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	gateway := prefix.Masked().Addr().Next()
	last := gateway
	return func() netip.Addr {
		last = last.Next()
		return last
	}, gateway, nil
}

func expand(text string, values map[string]string) string {
	return os.Expand(text, func(name string) string { return values[name] })
}

func (p Plan) device(s SwitchPlan, address, gateway netip.Addr) (Device, error) {
	d := Device{
		ID: uuid.NewSHA1(uuid.NameSpaceDNS, []byte(s.Name+"."+p.Campus)).String(), Name: s.Name,
		Address: address, Gateway: gateway, Settings: make(map[string]string),
	}
	values := map[string]string{"name": s.Name, "campus": p.Campus, "model": s.Model, "mac": s.Mac}
	for key, text := range p.Defaults {
		d.Settings[key] = expand(text, values)
	}
	for n := range s.Ports {
		name := s.Vlans[n%len(s.Vlans)]
		vlan, ok := p.Vlans[name]
		if !ok {
			return d, fmt.Errorf("%s: no vlan %q", s.Name, name)
		}
		d.Ports = append(d.Ports, Port{Name: fmt.Sprintf("ge-0/%d", n+1), Vlan: vlan, Tags: p.Labels[name]})
	}
	return d, nil
}

func table(d Device) string {
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 4, 1, ' ', 0)
	byVlan := make(map[int][]string)
	for _, p := range d.Ports {
		byVlan[p.Vlan] = append(byVlan[p.Vlan], strings.TrimPrefix(p.Name, "ge-0/"))
	}
	vlans := make([]int, 0, len(byVlan))
	for v := range byVlan {
		vlans = append(vlans, v)
	}
	sort.Ints(vlans)
	for _, v := range vlans {
		fmt.Fprintf(w, "%d\t%d\t%s\n", v, len(byVlan[v]), strings.Join(byVlan[v], ","))
	}
	w.Flush()
	return out.String()
}

func writeInterfaces(out *bytes.Buffer, ports []Port) {
	for _, p := range ports {
		fmt.Fprintf(out, "interface %s\n access vlan %d\n", p.Name, p.Vlan)
		if len(p.Tags) > 0 {
			out.WriteString(" tags " + strings.Join(p.Tags, " ") + "\n")
		}
	}
}

func render(d Device) (Rendered, error) {
	var text bytes.Buffer
	if err := config.Execute(&text, d); err != nil {
		return Rendered{}, err
	}
	writeInterfaces(&text, d.Ports)
	inventory, err := toml.Marshal(Device{ID: d.ID, Name: d.Name, Address: d.Address, Gateway: d.Gateway, Ports: d.Ports[:4], Settings: d.Settings})
	if err != nil {
		return Rendered{}, err
	}
	h := fnv.New128a()
	h.Write(text.Bytes())
	h.Write(inventory)
	r := Rendered{Name: d.Name, Config: text.String(), Import: string(inventory), Table: table(d), Digest: hex.EncodeToString(h.Sum(nil))}
	log.WithFields(logrus.Fields{"switch": d.Name, "digest": r.Digest, "bytes": text.Len()}).Info("rendered")
	return r, nil
}

func (p Plan) Render() ([]Rendered, error) {
	next, gateway, err := addresses(p.Supernet)
	if err != nil {
		return nil, err
	}
	out := make([]Rendered, 0, len(p.Switches))
	for _, s := range p.Switches {
		d, err := p.device(s, next(), gateway)
		if err != nil {
			return nil, err
		}
		r, err := render(d)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func postPlan(c *gin.Context) {
	var p Plan
	if err := c.ShouldBindYAML(&p); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	rendered, err := p.Render()
	if err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
		return
	}
	c.JSON(http.StatusOK, gin.H{"campus": p.Campus, "at": time.Now().Format(time.RFC3339), "switches": rendered})
}

func postCheck(c *gin.Context) {
	var p Plan
	err := yaml.NewDecoder(c.Request.Body).Decode(&p)
	c.JSON(http.StatusOK, gin.H{"ok": err == nil, "switches": len(p.Switches)})
}

func main() {
	out, err := os.OpenFile("render.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	log.SetOutput(out)
	log.SetFormatter(&logrus.JSONFormatter{})
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	r.POST("/plans", postPlan)
	r.POST("/plans/check", postCheck)
	log.Fatal(r.Run("127.0.0.1:" + os.Getenv("PORT")))
}
