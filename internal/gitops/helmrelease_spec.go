package gitops

import "encoding/json"

// helmReleaseSpec is spec of helm.toolkit.fluxcd.io/v2 with every field that it has, so that the others are told from
// it (helm-controller 1.6.3 api/v2/helmrelease_types.go). What has no bearing on hooks stays raw.
type helmReleaseSpec struct {
	Chart              *chartTemplate    `json:"chart"`
	ChartRef           *reference        `json:"chartRef"`
	Interval           *duration         `json:"interval"`
	KubeConfig         *kubeConfig       `json:"kubeConfig"`
	Suspend            bool              `json:"suspend"`
	ReleaseName        string            `json:"releaseName"`
	TargetNamespace    string            `json:"targetNamespace"`
	StorageNamespace   string            `json:"storageNamespace"`
	DependsOn          []dependency      `json:"dependsOn"`
	Timeout            *duration         `json:"timeout"`
	MaxHistory         *int              `json:"maxHistory"`
	ServiceAccountName string            `json:"serviceAccountName"`
	PersistentClient   *bool             `json:"persistentClient"`
	DriftDetection     driftDetection    `json:"driftDetection"`
	Install            installSpec       `json:"install"`
	Upgrade            upgradeSpec       `json:"upgrade"`
	Test               testSpec          `json:"test"`
	Rollback           rollbackSpec      `json:"rollback"`
	Uninstall          uninstallSpec     `json:"uninstall"`
	ValuesFrom         []ValuesReference `json:"valuesFrom"`
	Values             json.RawMessage   `json:"values"`
	CommonMetadata     commonMetadata    `json:"commonMetadata"`
	PostRenderers      []postRenderer    `json:"postRenderers"`
	PostRenderStrategy string            `json:"postRenderStrategy"`
	WaitStrategy       *struct {
		Name string `json:"name"`
	} `json:"waitStrategy"`
	HealthCheckExprs []healthCheck `json:"healthCheckExprs"`
}

type chartTemplate struct {
	Metadata json.RawMessage `json:"metadata"`
	Spec     chartSpec       `json:"spec"`
}

// chartSpec is the same in a HelmRelease and in a HelmChart, but that the latter can be suspended.
type chartSpec struct {
	Chart                    string          `json:"chart"`
	Version                  string          `json:"version"`
	SourceRef                reference       `json:"sourceRef"`
	Interval                 *duration       `json:"interval"`
	ReconcileStrategy        string          `json:"reconcileStrategy"`
	ValuesFiles              []string        `json:"valuesFiles"`
	IgnoreMissingValuesFiles bool            `json:"ignoreMissingValuesFiles"`
	Verify                   json.RawMessage `json:"verify"`
}

type reference struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Namespace  string `json:"namespace"`
}

type dependency struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	ReadyExpr string `json:"readyExpr"`
}

type remediation struct {
	Retries              int   `json:"retries"`
	IgnoreTestFailures   *bool `json:"ignoreTestFailures"`
	RemediateLastFailure *bool `json:"remediateLastFailure"`
}

type upgradeRemediation struct {
	Retries              int    `json:"retries"`
	IgnoreTestFailures   *bool  `json:"ignoreTestFailures"`
	RemediateLastFailure *bool  `json:"remediateLastFailure"`
	Strategy             string `json:"strategy"`
}

type strategy struct {
	Name          string    `json:"name"`
	RetryInterval *duration `json:"retryInterval"`
}

type installSpec struct {
	Timeout                  *duration   `json:"timeout"`
	Strategy                 *strategy   `json:"strategy"`
	Remediation              remediation `json:"remediation"`
	DisableTakeOwnership     bool        `json:"disableTakeOwnership"`
	DisableWait              bool        `json:"disableWait"`
	DisableWaitForJobs       bool        `json:"disableWaitForJobs"`
	DisableHooks             bool        `json:"disableHooks"`
	DisableOpenAPIValidation bool        `json:"disableOpenAPIValidation"`
	DisableSchemaValidation  bool        `json:"disableSchemaValidation"`
	Replace                  bool        `json:"replace"`
	SkipCRDs                 bool        `json:"skipCRDs"`
	CRDs                     string      `json:"crds"`
	CreateNamespace          bool        `json:"createNamespace"`
	ServerSideApply          *bool       `json:"serverSideApply"`
}

type upgradeSpec struct {
	Timeout                  *duration          `json:"timeout"`
	Strategy                 *strategy          `json:"strategy"`
	Remediation              upgradeRemediation `json:"remediation"`
	DisableTakeOwnership     bool               `json:"disableTakeOwnership"`
	DisableWait              bool               `json:"disableWait"`
	DisableWaitForJobs       bool               `json:"disableWaitForJobs"`
	DisableHooks             bool               `json:"disableHooks"`
	DisableOpenAPIValidation bool               `json:"disableOpenAPIValidation"`
	DisableSchemaValidation  bool               `json:"disableSchemaValidation"`
	Force                    bool               `json:"force"`
	PreserveValues           bool               `json:"preserveValues"`
	CleanupOnFail            bool               `json:"cleanupOnFail"`
	CRDs                     string             `json:"crds"`
	ServerSideApply          string             `json:"serverSideApply"`
	ChartNameChangeStrategy  string             `json:"chartNameChangeStrategy"`
}

type testSpec struct {
	Enable         bool      `json:"enable"`
	Timeout        *duration `json:"timeout"`
	IgnoreFailures bool      `json:"ignoreFailures"`
	Filters        []struct {
		Name    string `json:"name"`
		Exclude bool   `json:"exclude"`
	} `json:"filters"`
}

type rollbackSpec struct {
	Timeout            *duration `json:"timeout"`
	DisableWait        bool      `json:"disableWait"`
	DisableWaitForJobs bool      `json:"disableWaitForJobs"`
	DisableHooks       bool      `json:"disableHooks"`
	Recreate           bool      `json:"recreate"`
	Force              bool      `json:"force"`
	CleanupOnFail      bool      `json:"cleanupOnFail"`
	ServerSideApply    string    `json:"serverSideApply"`
}

type uninstallSpec struct {
	Timeout             *duration `json:"timeout"`
	DisableHooks        bool      `json:"disableHooks"`
	KeepHistory         bool      `json:"keepHistory"`
	DisableWait         bool      `json:"disableWait"`
	DeletionPropagation string    `json:"deletionPropagation"`
}

// ValuesReference is one item of spec.valuesFrom (github.com/fluxcd/pkg/apis/meta v1.30.0 reference_types.go).
type ValuesReference struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	ValuesKey  string `json:"valuesKey"`
	TargetPath string `json:"targetPath"`
	Optional   bool   `json:"optional"`
	Literal    bool   `json:"literal"`
}

// kubeConfig is spec.kubeConfig (github.com/fluxcd/pkg/apis/meta v1.30.0 reference_types.go KubeConfigReference).
type kubeConfig struct {
	ConfigMapRef *struct {
		Name string `json:"name"`
	} `json:"configMapRef"`
	SecretRef *struct {
		Name string `json:"name"`
		Key  string `json:"key"`
	} `json:"secretRef"`
}

type driftDetection struct {
	Mode   string `json:"mode"`
	Ignore []struct {
		Paths  []string        `json:"paths"`
		Target json.RawMessage `json:"target"`
	} `json:"ignore"`
}

// healthCheck is one item of spec.healthCheckExprs (github.com/fluxcd/pkg/apis/kustomize v1.19.0 kustomize_types.go
// CustomHealthCheck).
type healthCheck struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Current    string `json:"current"`
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
}

type commonMetadata struct {
	Annotations map[string]string `json:"annotations"`
	Labels      map[string]string `json:"labels"`
}

type postRenderer struct {
	Kustomize *struct {
		Patches []struct {
			Patch  string `json:"patch"`
			Target *struct {
				Group              string `json:"group"`
				Version            string `json:"version"`
				Kind               string `json:"kind"`
				Namespace          string `json:"namespace"`
				Name               string `json:"name"`
				AnnotationSelector string `json:"annotationSelector"`
				LabelSelector      string `json:"labelSelector"`
			} `json:"target"`
		} `json:"patches"`
		Images json.RawMessage `json:"images"`
	} `json:"kustomize"`
}
