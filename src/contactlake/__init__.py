"""contactlake: the contact-centre data lake that its user owns."""
