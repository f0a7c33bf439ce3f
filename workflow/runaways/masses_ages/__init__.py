"""Mass and age from the labels: stellar tracks, forests, and who is inside their grid."""
