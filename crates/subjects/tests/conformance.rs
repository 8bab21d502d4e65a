//! The built-in client keeps every law, each as a test of its own.

mod pieces {
    partproof_suite::laws_as_tests!(partproof_subjects::builtin::subject());
}

mod whole {
    partproof_whole_client::laws_as_tests!(partproof_subjects::builtin::subject());
}
