from django.contrib.auth import views as auth
from django.urls import include, path

from generations.views import (
    account,
    accounts,
    album,
    archive,
    compare,
    csp,
    desk,
    download,
    finding,
    gallery,
    gate,
    generation,
    health,
    help,
    image,
    inspection,
    notice,
    poll,
    prompts,
    proof,
    review,
    second_factor,
    selection,
    share,
    shared,
    sorting,
    tag,
    team,
    trash,
    usage,
)

signing_in = [
    path("login/", accounts.SignIn.as_view(), name="login"),
    path("login/code/", accounts.SignInCode.as_view(), name="sign_in_code"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("signup/", accounts.sign_up, name="signup"),
    path("password/", accounts.ChangePassword.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("reset/", accounts.AskForReset.as_view(), name="password_reset"),
    path("reset/done/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path(
        "reset/<uidb64>/<token>/",
        accounts.NewPassword.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "reset/complete/",
        auth.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
]

own_account = [
    path("", account.account, name="account"),
    path("name/", account.change_name, name="change_name"),
    path("email/", account.change_email, name="change_email"),
    path("email/<str:token>/", account.confirm_email, name="confirm_email"),
    path("sessions/end/", account.end_session, name="end_session"),
    path("sessions/end-others/", account.end_other_sessions, name="end_other_sessions"),
    path("prove/", proof.prove, name="prove"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/begin/", second_factor.begin, name="begin_second_factor"),
    path("second-factor/confirm/", second_factor.confirm, name="confirm_second_factor"),
    path("second-factor/codes/", second_factor.renew_codes, name="renew_recovery_codes"),
    path("second-factor/end/", second_factor.end, name="end_second_factor"),
    path("export/", account.export, name="export_account"),
    path("delete/", account.delete, name="delete_account"),
]

one_generation = [
    path("", generation.detail, name="generation"),
    path("cancel/", generation.cancel, name="cancel_generation"),
    path("stop-waiting/", generation.stop, name="stop_waiting"),
    path("run-again/", generation.again, name="run_again"),
    path("dismiss/", generation.dismiss, name="dismiss_tile"),
]

one_image = [
    path("", image.detail, name="image"),
    path("keep/", image.keep, name="keep_image"),
    path("favorite/", sorting.favorite, name="favorite_image"),
    path("trash/", sorting.trash, name="trash_image"),
    path("sort/", sorting.sort, name="sort_image"),
    path("alt/", image.describe, name="set_alt_text"),
    path("review/", review.ask, name="ask_for_review"),
    path("download", download.download, name="download_image"),
    path("provenance", download.provenance, name="provenance"),
    path("<str:size>", image.file, name="image_file"),
]

of_prompts = [
    path("", prompts.prompts, name="prompts"),
    path("<int:template_id>/", prompts.use, name="use_template"),
    path("<int:template_id>/edit/", prompts.edit, name="edit_template"),
    path("<int:template_id>/delete/", prompts.delete, name="delete_template"),
    path("history/", prompts.history, name="prompt_history"),
]

one_album = [
    path("", album.detail, name="album"),
    path("arrange/", album.arrange, name="arrange_album"),
    path("edit/", album.edit, name="edit_album"),
    path("delete/", album.delete, name="delete_album"),
    path("move/", album.move, name="move_in_album"),
    path("cover/", album.cover, name="album_cover"),
    path("zip", archive.album, name="album_zip"),
]

one_team = [
    path("", gallery.gallery, name="team"),
    path("people/", team.people, name="team_people"),
    path("people/<int:member_id>/role/", team.change_role, name="change_role"),
    path("people/<int:member_id>/share/", team.set_share, name="set_share"),
    path("people/<int:member_id>/remove/", team.remove, name="remove_member"),
    path("people/<int:member_id>/hand-over/", team.hand_over, name="hand_over_team"),
    path("invites/<int:invite_id>/revoke/", team.revoke, name="revoke_invite"),
    path("links/", share.of_team, name="team_shares"),
    path("links/<uuid:link_id>/revoke/", share.revoke_of_team, name="revoke_team_share"),
    path("settings/", team.settings, name="team_settings"),
    path("leave/", team.leave, name="leave_team"),
    path("delete/", team.delete, name="delete_team"),
]

of_inspections = [
    path("", inspection.inspections, name="inspections"),
    path("<uuid:inspection_id>/", inspection.inspection, name="inspection"),
    path("<uuid:inspection_id>/end/", inspection.end, name="end_inspection"),
    path("<uuid:inspection_id>/<uuid:image_id>/", inspection.picture, name="inspected_image"),
    path("<uuid:inspection_id>/<uuid:image_id>/<str:size>", inspection.file, name="inspected_file"),
]

of_review = [
    path("", review.review, name="review"),
    path("all/", review.grid, name="review_grid"),
    path("next/", review.next_one, name="next_review"),
    path("undo/", review.undo, name="undo_review"),
    path("<uuid:image_id>/", review.one, name="review_image"),
    path("<uuid:image_id>/verdict/", review.verdict, name="give_verdict"),
    path("<uuid:image_id>/<int:edge>", review.file, name="review_file"),
]

of_searches = [
    path("", finding.searches, name="searches"),
    path("<int:search_id>/rename/", finding.rename_search, name="rename_search"),
    path("<int:search_id>/delete/", finding.delete_search, name="delete_search"),
]

of_desk = [
    path("", desk.desk, name="desk"),
    path("cause/", desk.cause, name="desk_cause"),
    path("resolve/", desk.resolve, name="desk_resolve"),
    path("run-again/", desk.again, name="desk_run_again"),
    path("pause/", desk.pause, name="desk_pause"),
]

of_shares = [
    path("", share.shares, name="shares"),
    path("new/", share.new, name="new_share"),
    path("<uuid:link_id>/", share.share, name="share"),
    path("<uuid:link_id>/revoke/", share.revoke, name="revoke_share"),
    path("<uuid:link_id>/extend/", share.extend, name="extend_share"),
]

behind_a_link = [
    path("", shared.page, name="shared"),
    path("unlock/", shared.unlock, name="unlock_shared"),
    path("name/", shared.name, name="name_guest"),
    path("zip", shared.archive, name="shared_zip"),
    path("<uuid:image_id>/", shared.picture, name="shared_picture"),
    path("<uuid:image_id>/pick/", shared.pick, name="pick_shared"),
    path("<uuid:image_id>/<str:size>", shared.file, name="shared_file"),
]

urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("teams/", team.teams, name="teams"),
    path("teams/<slug:slug>/", include(one_team)),
    path("invites/<str:token>/", team.invited, name="invite"),
    path("composer/", gallery.composer, name="composer"),
    path("filters/", finding.filters, name="filters"),
    path("months/", finding.months, name="months"),
    path("news/", finding.news, name="news"),
    path("density/", finding.set_density, name="set_density"),
    path("searches/", include(of_searches)),
    path("poll/", poll.poll, name="poll"),
    path("generations/", generation.submit, name="submit_generation"),
    path("generations/<uuid:generation_id>/", include(one_generation)),
    path("images/<uuid:image_id>/", include(one_image)),
    path("compare/", compare.compare, name="compare"),
    path("selection/", selection.selection, name="selection"),
    path("selection/count/", selection.count, name="count_selection"),
    path("selection/undo/", selection.undo, name="undo"),
    path("prompts/", include(of_prompts)),
    path("keys/", help.keys, name="keys"),
    path("albums/", album.albums, name="albums"),
    path("albums/<uuid:album_id>/", include(one_album)),
    path("shares/", include(of_shares)),
    path("s/<str:token>/", include(behind_a_link)),
    path("tags/", tag.tags, name="tags"),
    path("tags/<int:tag_id>/rename/", tag.rename, name="rename_tag"),
    path("tags/<int:tag_id>/delete/", tag.delete, name="delete_tag"),
    path("review/", include(of_review)),
    path("trash/", trash.trash, name="trash"),
    path("trash/<uuid:image_id>/", trash.trashed, name="trashed"),
    path("trash/<uuid:image_id>/<int:edge>", trash.file, name="trashed_file"),
    path("usage/", usage.usage, name="usage"),
    path("usage/dismiss/", notice.dismiss, name="dismiss_notice"),
    path("usage/csv", usage.usage_csv, name="usage_csv"),
    path("desk/", include(of_desk)),
    path("inspections/", include(of_inspections)),
    path("gates/open/", gate.reopen, name="reopen_gate"),
    path("account/", include(own_account)),
    path("accounts/", include(signing_in)),
    path("csp-report/", csp.csp_report, name="csp_report"),
    path("favicon.ico", health.favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
