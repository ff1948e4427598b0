package arch

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// service is what docker-compose.yml says of a container, as far as it matters here.
type service struct {
	Image       string            `yaml:"image"`
	User        string            `yaml:"user"`
	Profiles    []string          `yaml:"profiles"`
	ReadOnly    bool              `yaml:"read_only"`
	Tmpfs       []string          `yaml:"tmpfs"`
	CapDrop     []string          `yaml:"cap_drop"`
	CapAdd      []string          `yaml:"cap_add"`
	Privileged  bool              `yaml:"privileged"`
	SecurityOpt []string          `yaml:"security_opt"`
	Volumes     []string          `yaml:"volumes"`
	Environment map[string]string `yaml:"environment"`
	Command     []string          `yaml:"command"`
	Grace       string            `yaml:"stop_grace_period"`
	Health      map[string]any    `yaml:"healthcheck"`
}

func services(t *testing.T) map[string]service {
	t.Helper()
	var file struct {
		Services map[string]service `yaml:"services"`
	}
	if err := yaml.Load([]byte(text(t, "docker-compose.yml")), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Services) < 3 {
		t.Fatalf("docker-compose.yml has %d services", len(file.Services))
	}
	return file.Services
}

// numeric is a user that is not root, by number, so that the engine can tell.
var numeric = regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`)

// Whatever runs by default has no right that it does not need.
func TestContainers_Confined(t *testing.T) {
	t.Parallel()
	for name, s := range services(t) {
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.Privileged || len(s.CapAdd) > 0 {
			t.Errorf("%s may gain rights", name)
		}
		if len(s.Profiles) > 0 {
			continue
		}
		if !numeric.MatchString(s.User) || !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || len(s.Tmpfs) == 0 {
			t.Errorf("%s is not confined: user %q, read_only %v, cap_drop %v, tmpfs %v", name, s.User, s.ReadOnly, s.CapDrop, s.Tmpfs)
		}
		if s.Image != "" && s.Health == nil { // Landfall's is the image's own
			t.Errorf("%s has no healthcheck", name)
		}
	}
}

// What is kept is on a volume, what merchants write is not Landfall's to change, and Redis throws nothing away.
func TestContainers_Landfall(t *testing.T) {
	t.Parallel()
	all := services(t)
	s := all["landfall"]
	if !slices.Contains(s.Volumes, "data:/data") || !slices.Contains(s.Volumes, "./merchants:/merchants:ro") || !strings.HasPrefix(s.Environment["LANDFALL_DATABASE"], "sqlite:/data/") {
		t.Errorf("volumes %v, database %s", s.Volumes, s.Environment["LANDFALL_DATABASE"])
	}
	if s.Grace != "45s" {
		t.Errorf("it is killed after %q; docs/operations.md says 45 seconds", s.Grace)
	}
	if !strings.Contains(strings.Join(all["redis"].Command, " "), "--maxmemory-policy noeviction") {
		t.Errorf("Redis runs as %v", all["redis"].Command)
	}
}

func TestContainers_Image(t *testing.T) {
	t.Parallel()
	file := text(t, "Dockerfile")
	last := file[strings.LastIndex(file, "\nFROM "):]
	for _, want := range []string{"\nFROM scratch\n", "\nUSER 65532:65532\n", "\nVOLUME /data\n", "SQLITE_TMPDIR=/data", "\nHEALTHCHECK ", "/healthz\"]\n", "LANDFALL_DATABASE=sqlite:/data/"} {
		if !strings.Contains(last, want) {
			t.Errorf("the image's Dockerfile lacks %q", want)
		}
	}
	if strings.Index(last, "\nUSER ") > strings.Index(last, "\nENTRYPOINT ") {
		t.Error("the user is set too late")
	}
}
