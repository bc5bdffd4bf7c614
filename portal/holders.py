"""Where it is said what tables hold about people, and what happens when one leaves: imported, all of it counts."""

# ruff: noqa: F401
import portal.availability.held
import portal.directory.held
import portal.feedback.held
import portal.mail.held
import portal.mentors.held
import portal.moderation.held
import portal.people.held
import portal.preparation.held
import portal.sessions.held
import portal.sessions.leaving
import portal.waiting.held
