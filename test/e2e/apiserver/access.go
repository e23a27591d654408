package apiserver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Context is the name of the context in every kubeconfig that is written here.
const Context = "e2e"

// Access is somebody's way in.
type Access struct {
	// Kubeconfig is a file.
	Kubeconfig string
	// User is the name under which the audit log knows them.
	User  string
	Token string
	// Namespace is that of the kubeconfig's context.
	Namespace string
}

// Rule allows verbs on resources of one API group.
func Rule(group string, resources, verbs []string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
}

// Namespace makes one that nothing else uses. Nothing removes it: that would take a controller, and the server is
// thrown away.
func (s *Server) Namespace(t testing.TB, prefix string) string {
	t.Helper()
	made, err := s.client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{GenerateName: prefix + "-"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return made.Name
}

// Admin is the way in of the user who may do everything.
func (s *Server) Admin(t testing.TB, namespace string) Access {
	t.Helper()
	return s.access(t, Admin, s.keys.adminToken, namespace)
}

// Worker makes a user who may do everything, but is another for each name: the audit log tells them apart.
func (s *Server) Worker(t testing.TB, namespace, name string) Access {
	t.Helper()
	access := s.User(t, namespace, name)
	s.bind(t.Context(), t, access, "ClusterRole", "cluster-admin", "")
	s.waitAllowed(t, access, "", Rule("*", []string{"*"}, []string{"*"}))
	return access
}

// User makes a user who may do what the rules say in one namespace, and nothing else but discovery.
func (s *Server) User(t testing.TB, namespace, name string, rules ...rbacv1.PolicyRule) Access {
	t.Helper()
	ctx := t.Context()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := s.client.CoreV1().ServiceAccounts(namespace).Create(ctx, account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	request, err := s.client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	access := s.access(t, "system:serviceaccount:"+namespace+":"+name, request.Status.Token, namespace)
	if len(rules) > 0 {
		s.Allow(t, access, namespace, rules...)
	}
	return access
}

// Allow gives a user more rights: in one namespace, or in the whole cluster where namespace is empty.
func (s *Server) Allow(t testing.TB, access Access, namespace string, rules ...rbacv1.PolicyRule) {
	t.Helper()
	ctx := t.Context()
	if namespace == "" {
		role, err := s.client.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-"}, Rules: rules,
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s.bind(ctx, t, access, "ClusterRole", role.Name, "")
		s.waitAllowed(t, access, "", rules...)
		return
	}
	role, err := s.client.RbacV1().Roles(namespace).Create(ctx, &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-"}, Rules: rules,
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.bind(ctx, t, access, "Role", role.Name, namespace)
	s.waitAllowed(t, access, namespace, rules...)
}

// waitAllowed waits until the server's authorizer has heard of new rights.
func (s *Server) waitAllowed(t testing.TB, access Access, namespace string, rules ...rbacv1.PolicyRule) {
	t.Helper()
	for _, rule := range rules {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: access.User,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: namespace, Group: rule.APIGroups[0], Resource: rule.Resources[0], Verb: rule.Verbs[0],
			},
		}}
		for try := 0; ; try++ {
			answer, err := s.client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if answer.Status.Allowed {
				break
			}
			if try == 200 {
				t.Fatalf("%s may still not %s %s: %s", access.User, rule.Verbs[0], rule.Resources[0], answer.Status.Reason)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (s *Server) bind(ctx context.Context, t testing.TB, access Access, kind, role, namespace string) {
	t.Helper()
	meta := metav1.ObjectMeta{GenerateName: "e2e-"}
	subjects := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: access.User}}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role}
	var err error
	if namespace == "" {
		_, err = s.client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: ref}, metav1.CreateOptions{})
	} else {
		_, err = s.client.RbacV1().RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects, RoleRef: ref}, metav1.CreateOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Server) access(t testing.TB, user, token, namespace string) Access {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["e2e"] = &clientcmdapi.Cluster{Server: s.URL, CertificateAuthorityData: s.keys.certificate}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts[Context] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: user, Namespace: namespace}
	config.CurrentContext = Context
	text, err := clientcmd.Write(*config)
	if err != nil {
		t.Fatal(fmt.Errorf("write a kubeconfig: %w", err))
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return Access{Kubeconfig: path, User: user, Token: token, Namespace: namespace}
}
