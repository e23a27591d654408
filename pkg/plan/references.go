package plan

import (
	"fmt"
	"slices"
)

// need is what a missing reference does to a pod.
type need int

const (
	// needAccount, needClass: admission refuses the pod (plugin/pkg/admission/serviceaccount, .../priority
	// and .../runtimeclass of kube-apiserver).
	needAccount need = iota + 1
	needClass
	// needKey: the container stays in CreateContainerConfigError (pkg/kubelet/kuberuntime).
	needKey
	// needVolume: the pod stays in ContainerCreating (pkg/kubelet/volumemanager).
	needVolume
	// needClaim: the scheduler does not place the pod (pkg/scheduler/framework/plugins/volumebinding).
	needClaim
	// needPull: the kubelet goes on without the secret, so that only private images cannot be pulled.
	needPull
	// needNamespace: the API server refuses the object itself.
	needNamespace
)

// reference is an object that something needs.
type reference struct {
	object Object
	// path is where the author wrote its name.
	path string
	need need
}

// podSpec finds what a workload says of its pods, and the path to it; nil where it makes none.
func podSpec(one part) (spec map[string]any, path string) {
	kind := one.object.group() + "/" + one.object.Kind
	steps := slices.Clone(templateKinds[kind])
	switch {
	case len(steps) == 0 || kind == "/PodTemplate":
		return nil, ""
	case kind != "/Pod":
		steps = append(steps, "spec")
	}
	spec = one.body
	for _, step := range steps {
		spec, _ = spec[step].(map[string]any)
		path = joinPath(path, step)
	}
	return spec, path
}

func joinPath(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}

// references lists what the pods of a workload need, each object once, in a fixed order.
func references(one part) []reference {
	spec, path := podSpec(one)
	if spec == nil {
		return nil
	}
	c := collector{namespace: one.object.Namespace}
	account, accountPath := textAt(spec, "serviceAccountName"), joinPath(path, "serviceAccountName")
	if account == "" {
		// The old name of the same field.
		account, accountPath = textAt(spec, "serviceAccount"), joinPath(path, "serviceAccount")
	}
	if account != defaultAccount {
		c.add("ServiceAccount", account, accountPath, needAccount)
	}
	c.addClass("scheduling.k8s.io/v1", "PriorityClass", textAt(spec, "priorityClassName"), joinPath(path, "priorityClassName"))
	c.addClass("node.k8s.io/v1", "RuntimeClass", textAt(spec, "runtimeClassName"), joinPath(path, "runtimeClassName"))
	mounted := map[string]bool{}
	for _, list := range [...]string{"initContainers", "containers", "ephemeralContainers"} {
		for i, container := range mapsAt(spec, list) {
			c.container(container, fmt.Sprintf("%s.%s[%d]", path, list, i))
			for _, mount := range slices.Concat(mapsAt(container, "volumeMounts"), mapsAt(container, "volumeDevices")) {
				mounted[textAt(mount, "name")] = true
			}
		}
	}
	for i, volume := range mapsAt(spec, "volumes") {
		c.volume(volume, fmt.Sprintf("%s.volumes[%d]", path, i), mounted[textAt(volume, "name")])
	}
	for i, secret := range mapsAt(spec, "imagePullSecrets") {
		c.add("Secret", textAt(secret, "name"), fmt.Sprintf("%s.imagePullSecrets[%d]", path, i), needPull)
	}
	return c.found
}

// defaultAccount is the ServiceAccount that every namespace gets by itself.
const defaultAccount = "default"

// collector gathers references, each object once: the first one is the gravest, as pull secrets come last.
type collector struct {
	namespace string
	found     []reference
}

func (c *collector) add(kind, name, path string, need need) {
	c.put(reference{Object{APIVersion: "v1", Kind: kind, Namespace: c.namespace, Name: name}, path, need})
}

func (c *collector) addClass(apiVersion, kind, name, path string) {
	c.put(reference{Object{APIVersion: apiVersion, Kind: kind, Name: name}, path, needClass})
}

func (c *collector) put(r reference) {
	known := slices.ContainsFunc(c.found, func(other reference) bool { return other.object == r.object })
	if r.object.Name != "" && !known {
		c.found = append(c.found, r)
	}
}

// container reads env and envFrom.
func (c *collector) container(container map[string]any, path string) {
	for i, variable := range mapsAt(container, "env") {
		from, _ := variable["valueFrom"].(map[string]any)
		c.source(from, "configMapKeyRef", "ConfigMap", fmt.Sprintf("%s.env[%d].valueFrom", path, i), needKey)
		c.source(from, "secretKeyRef", "Secret", fmt.Sprintf("%s.env[%d].valueFrom", path, i), needKey)
	}
	for i, from := range mapsAt(container, "envFrom") {
		c.source(from, "configMapRef", "ConfigMap", fmt.Sprintf("%s.envFrom[%d]", path, i), needKey)
		c.source(from, "secretRef", "Secret", fmt.Sprintf("%s.envFrom[%d]", path, i), needKey)
	}
}

// source reads one {name, optional} below a field.
func (c *collector) source(from map[string]any, field, kind, path string, need need) {
	source, _ := from[field].(map[string]any)
	if optional, _ := source["optional"].(bool); !optional {
		c.add(kind, textAt(source, "name"), path+"."+field, need)
	}
}

// volume reads one volume. The kubelet passes over volumes that no container mounts, except that the
// scheduler looks at every claim (pkg/kubelet/volumemanager/populator findAndAddNewPods).
func (c *collector) volume(volume map[string]any, path string, mounted bool) {
	claim, _ := volume["persistentVolumeClaim"].(map[string]any)
	c.add("PersistentVolumeClaim", textAt(claim, "claimName"), path+".persistentVolumeClaim", needClaim)
	if !mounted {
		return
	}
	c.source(volume, "configMap", "ConfigMap", path, needVolume)
	secret, _ := volume["secret"].(map[string]any)
	if optional, _ := secret["optional"].(bool); !optional {
		c.add("Secret", textAt(secret, "secretName"), path+".secret", needVolume)
	}
	projected, _ := volume["projected"].(map[string]any)
	for i, from := range mapsAt(projected, "sources") {
		c.source(from, "configMap", "ConfigMap", fmt.Sprintf("%s.projected.sources[%d]", path, i), needVolume)
		c.source(from, "secret", "Secret", fmt.Sprintf("%s.projected.sources[%d]", path, i), needVolume)
	}
	azure, _ := volume["azureFile"].(map[string]any)
	c.add("Secret", textAt(azure, "secretName"), path+".azureFile", needVolume)
	for _, driver := range sortedKeys(volume) {
		inner, _ := volume[driver].(map[string]any)
		c.source(inner, "secretRef", "Secret", joinPath(path, driver), needVolume)
		c.source(inner, "nodePublishSecretRef", "Secret", joinPath(path, driver), needVolume)
	}
}

func textAt(values map[string]any, key string) string {
	text, _ := values[key].(string)
	return text
}

// mapsAt are the mappings of a list; what is no mapping counts as an empty one, so that places are kept.
func mapsAt(values map[string]any, key string) []map[string]any {
	list, _ := values[key].([]any)
	found := make([]map[string]any, len(list))
	for i, item := range list {
		found[i], _ = item.(map[string]any)
	}
	return found
}
