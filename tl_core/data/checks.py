"""What an import can notice, and what contradicts itself in the data: how it is told to people."""

from __future__ import annotations

from tl_core.data.check import Check
from tl_core.i18n import N_, ngettext

CHECKS: dict[str, Check] = {
    "conflict": Check(
        "serious",
        lambda n: ngettext(
            "{n} picture appears with more than one label; at most one of them can be right.",
            "{n} pictures appear with more than one label; at most one of each can be right.",
            n,
        ),
        N_("Look at them and leave out those with the wrong label."),
    ),
    "leak": Check(
        "serious",
        lambda n: ngettext(
            "{n} picture held out for checking is also in the training part, as a copy or nearly "
            "so, which makes the model look better than it is (a leak).",
            "{n} pictures held out for checking are also in the training part, as copies or "
            "nearly so, which makes the model look better than it is (a leak).",
            n,
        ),
        N_("Leave them out of training, or let Thaw divide the data anew."),
    ),
    "shared": Check(
        "warning",
        lambda n: ngettext(
            "{n} picture held out for checking is also in the training part, as a copy or nearly "
            "so; that is too few to change the result much.",
            "{n} pictures held out for checking are also in the training part, as copies or "
            "nearly so; that is too few to change the result much.",
            n,
        ),
        N_("Leave them out of training if you like."),
    ),
    "small_class": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has too few usable pictures to be learned and checked, and was set aside.",
            "{n} classes have too few usable pictures to be learned and checked, and were set "
            "aside.",
            n,
        ),
        N_("Add pictures until the class has at least 5, or merge it with another class."),
    ),
    "untrained_class": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has pictures to check but too few to train on, and was set aside.",
            "{n} classes have pictures to check but too few to train on, and were set aside.",
            n,
        ),
        N_("Move some of its pictures to the training part."),
    ),
    "unchecked_class": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has no picture in the validation part, so nothing can be said about it.",
            "{n} classes have no picture in the validation part, so nothing can be said about "
            "them.",
            n,
        ),
        N_("Move some of its pictures from training to validation."),
    ),
    "label_twins": Check(
        "warning",
        lambda n: ngettext(
            "{n} class has a name that differs from another only by capitals or spaces; they "
            "were kept apart.",
            "{n} classes have names that differ from another only by capitals or spaces; they "
            "were kept apart.",
            n,
        ),
        N_("If they mean the same, make them one class."),
    ),
    "labels_merged": Check(
        "info",
        lambda n: ngettext(
            "{n} class was written with and without spaces around its name; it was read as one.",
            "{n} classes were written with and without spaces around their names; each was read "
            "as one.",
            n,
        ),
        "",
    ),
    "unreadable": Check(
        "warning",
        lambda n: ngettext(
            "{n} file is damaged or cannot be opened, and was left out.",
            "{n} files are damaged or cannot be opened, and were left out.",
            n,
        ),
        N_("Replace them by intact copies, or delete them."),
    ),
    "not_pictures": Check(
        "info",
        lambda n: ngettext(
            "{n} file among the pictures is not a picture, and was left out.",
            "{n} files among the pictures are not pictures, and were left out.",
            n,
        ),
        N_("Nothing needs doing, unless you expected pictures there."),
    ),
    "refused_format": Check(
        "warning",
        lambda n: ngettext(
            "{n} file has a format that Thaw does not read, and was left out.",
            "{n} files have a format that Thaw does not read, and were left out.",
            n,
        ),
        N_("Save them as JPEG, PNG, WebP, BMP, GIF or TIFF."),
    ),
    "too_large": Check(
        "warning",
        lambda n: ngettext(
            "{n} file is larger than 64 MB or 64 million pixels, and was left out.",
            "{n} files are larger than 64 MB or 64 million pixels, and were left out.",
            n,
        ),
        N_("Save them smaller; a model looks at a few hundred pixels a side anyway."),
    ),
    "too_small": Check(
        "warning",
        lambda n: ngettext(
            "{n} picture is less than 4 pixels wide or high, and was left out.",
            "{n} pictures are less than 4 pixels wide or high, and were left out.",
            n,
        ),
        N_("Use the originals instead of these spacers or thumbnails."),
    ),
    "first_frame": Check(
        "info",
        lambda n: ngettext(
            "{n} file holds several pictures; only its first is used.",
            "{n} files hold several pictures; only the first of each is used.",
            n,
        ),
        N_("Save the other frames as files of their own if they matter."),
    ),
    "duplicates": Check(
        "warning",
        lambda n: ngettext(
            "{n} picture is an exact copy of another, so there is less to learn from than the "
            "count says. Copies are never divided between training and validation by Thaw.",
            "{n} pictures are exact copies of others, so there is less to learn from than the "
            "count says. Copies are never divided between training and validation by Thaw.",
            n,
        ),
        N_("Leave the copies out, unless they are meant to weigh more."),
    ),
    "hidden": Check(
        "info",
        lambda n: ngettext(
            "{n} hidden or system file or folder was passed over.",
            "{n} hidden or system files or folders were passed over.",
            n,
        ),
        "",
    ),
    "stray": Check(
        "info",
        lambda n: ngettext(
            "{n} file lies outside the class folders and was left out.",
            "{n} files lie outside the class folders and were left out.",
            n,
        ),
        N_("Move it into the folder of its class if it is a picture to learn from."),
    ),
    "archives": Check(
        "warning",
        lambda n: ngettext(
            "{n} file is packed itself (a zip or the like), and was not unpacked.",
            "{n} files are packed themselves (zips or the like), and were not unpacked.",
            n,
        ),
        N_("Unpack them, and bring the folder that holds everything or a zip of it."),
    ),
    "ignored_folders": Check(
        "warning",
        lambda n: ngettext(
            "{n} folder beside the training and held-out folders, or nested too deeply, was "
            "left out.",
            "{n} folders beside the training and held-out folders, or nested too deeply, were "
            "left out.",
            n,
        ),
        N_("Use the folder names train, val and test, each with one folder per class."),
    ),
    "links": Check(
        "warning",
        lambda n: ngettext(
            "{n} link was not followed: it leads out of the data, to a folder, or nowhere.",
            "{n} links were not followed: they lead out of the data, to folders, or nowhere.",
            n,
        ),
        N_("Put copies of the pictures in place of the links."),
    ),
    "outside": Check(
        "warning",
        lambda n: ngettext(
            "{n} name leads outside the data or is not a usable file name, and was refused.",
            "{n} names lead outside the data or are not usable file names, and were refused.",
            n,
        ),
        N_("Use plain relative names, without '..' and without a leading slash."),
    ),
    "encrypted": Check(
        "warning",
        lambda n: ngettext(
            "{n} file in the zip is locked by a password, and was left out.",
            "{n} files in the zip are locked by a password, and were left out.",
            n,
        ),
        N_("Make the zip again without a password."),
    ),
    "overpacked": Check(
        "warning",
        lambda n: ngettext(
            "{n} file in the zip would grow more than 200 times when unpacked, as no real "
            "picture does, and was left out.",
            "{n} files in the zip would grow more than 200 times when unpacked, as no real "
            "picture does, and were left out.",
            n,
        ),
        N_("Import the unpacked folder if you trust these files."),
    ),
    "missing_files": Check(
        "warning",
        lambda n: ngettext(
            "{n} row of the table names a file that is not there, and was left out.",
            "{n} rows of the table name files that are not there, and were left out.",
            n,
        ),
        N_("Correct the paths; they are read relative to the table's own folder."),
    ),
    "bad_rows": Check(
        "warning",
        lambda n: ngettext(
            "{n} row of the table lacks a path or a label, or names an unknown part, and was "
            "left out.",
            "{n} rows of the table lack a path or a label, or name an unknown part, and were "
            "left out.",
            n,
        ),
        N_("Fill in path and label; split may be train, val, test or empty."),
    ),
}
"""Every kind of finding. The numbers in the texts are those of `limits`; a test holds that."""
