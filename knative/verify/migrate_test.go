package verify_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// TestMigrationJob holds the Job that prepares Couchbase to Kubernetes' own types,
// and to what a namespace of the profile "restricted" admits.
func TestMigrationJob(t *testing.T) {
	t.Parallel()
	jobs := documents(t, os.DirFS(filepath.Join("..", "couchbase")))
	if len(jobs) != 1 {
		t.Fatalf("got %d documents, want one Job", len(jobs))
	}
	var job batchv1.Job
	if err := yaml.UnmarshalStrict(jobs[0], &job); err != nil {
		t.Fatal(err)
	}
	if job.APIVersion != "batch/v1" || job.Kind != "Job" {
		t.Errorf("got a %s of %s, want a Job of batch/v1", job.Kind, job.APIVersion)
	}
	if !givesUpOn(job.Spec.PodFailurePolicy, 2) || givesUpOn(job.Spec.PodFailurePolicy, 1) {
		t.Errorf("got the policy %v for failed pods, want one that gives up on the exit code 2, which says that people have to change something, and not on 1",
			job.Spec.PodFailurePolicy)
	}
	pod := job.Spec.Template.Spec
	if pod.RestartPolicy != corev1.RestartPolicyNever {
		t.Errorf("got the restart policy %s, want Never: a policy for failed pods needs it", pod.RestartPolicy)
	}
	for _, container := range pod.Containers {
		if !slices.Equal(container.Args, []string{"migrate"}) {
			t.Errorf("got the arguments %q, want migrate", container.Args)
		}
		if !restricted(pod.SecurityContext, container.SecurityContext) {
			t.Errorf("the pod would not be admitted by the profile restricted: %+v", container.SecurityContext)
		}
	}
}

// givesUpOn reports whether a Job fails for good when a pod ends with the code.
func givesUpOn(policy *batchv1.PodFailurePolicy, code int32) bool {
	return policy != nil && slices.ContainsFunc(policy.Rules, func(rule batchv1.PodFailurePolicyRule) bool {
		on := rule.OnExitCodes
		return rule.Action == batchv1.PodFailurePolicyActionFailJob && on != nil &&
			slices.Contains(on.Values, code) == (on.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn)
	})
}

// restricted is what the profile asks of a pod with one container
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted).
func restricted(pod *corev1.PodSecurityContext, container *corev1.SecurityContext) bool {
	return pod != nil && container != nil &&
		pod.RunAsNonRoot != nil && *pod.RunAsNonRoot &&
		pod.SeccompProfile != nil && pod.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault &&
		container.AllowPrivilegeEscalation != nil && !*container.AllowPrivilegeEscalation &&
		container.Capabilities != nil && slices.Equal(container.Capabilities.Drop, []corev1.Capability{"ALL"})
}
